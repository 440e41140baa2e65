# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures as SVG: time and memory against N, both axes logarithmic, a line for each peer."""
import math
from xml.sax.saxutils import escape

import report
from workloads import WORKLOADS

WIDTH, TOP, PLOT_WIDTH, PLOT_HEIGHT = 920, 92, 370, 260
LEFTS = (72, 532)  # of the two panels' plots
LETTER = 6.7       # width of a character of the ticks' and the legend's font
SMALLEST_MIB = 0.5  # peers' memory comes in whole MiB: 0 is drawn here
# The colours of Okabe and Ito, which the colour-blind tell apart, each with a mark of its own.
LOOKS = {"attune": ("#000000", "circle"), "torch-eager": ("#E69F00", "square"),
         "torch-compile": ("#D55E00", "diamond"), "torch-flex": ("#CC79A7", "cross"),
         "torch-sdpa": ("#56B4E9", "up"), "jax": ("#0072B2", "down"),
         "keops": ("#009E73", "plus")}
MARKS = {"square": "M-4,-4h8v8h-8z", "diamond": "M0,-5.5L5.5,0L0,5.5L-5.5,0z",
         "up": "M0,-5.5L5.5,4L-5.5,4z", "down": "M0,5.5L5.5,-4L-5.5,-4z",
         "plus": "M-5.5,-1.6h3.9v-3.9h3.2v3.9h3.9v3.2h-3.9v3.9h-3.2v-3.9h-3.9z",
         "cross": "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0z",
         "circle": "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0z"}


def look(name, position):
    if name in LOOKS:
        return LOOKS[name]
    shapes = list(MARKS)
    return ("#7F3C8D", "#666666", "#80BA5A", "#A5AA99")[position % 4], shapes[position % len(shapes)]


def grouped(value):
    """A number for a tick: 0.05, 2, 12 544."""
    return f"{value:g}" if value < 1 else f"{value:,.0f}".replace(",", "\u2009")


def text(x, y, content, anchor="start", **style):
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{escape(content)}</text>'


def steps(low, high):
    """1, 2, 5 in every decade between the two, or where these are too many fewer of them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1,)):
        ticks = [digit * 10.0 ** decade for decade in decades for digit in digits]
        ticks = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(ticks) <= 8:
            break
    return ticks


class Axis:
    """A logarithmic axis from `low` to `high` along the pixels from `start` to `end`."""

    def __init__(self, low, high, start, end):
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)


def size_axis(values, left):
    low, high = min(values), max(values)
    margin = (high / low) ** 0.07 if high > low else 2
    return Axis(low / margin, high * margin, left, left + PLOT_WIDTH)


def value_axis(values):
    """Ends at the next 1, 2 or 5 beyond a margin, and spans a decade at least."""
    around = [digit * 10.0 ** decade for decade in range(-7, 16) for digit in (1, 2, 5)]
    low = max(step for step in around if step <= max(min(values) / 1.15, 1e-7))
    high = min(step for step in around if step >= max(max(values) * 1.15, low * 9.99))
    return Axis(low, high, TOP + PLOT_HEIGHT, TOP)


def size_ticks(axis, values):
    """Labels of the values of N, the largest first; one that would touch another is left out."""
    free, shown = math.inf, []
    for value in sorted(values, reverse=True):
        half = len(grouped(value)) * LETTER / 2
        if axis(value) + half < free:
            free = axis(value) - half - 6
            shown.append(value)
    return shown


def panel(left, title, lines):
    """A plot of [(colour, mark, [(n, value), ..]), ..]; the last line lies on top."""
    points = [point for _, _, line in lines for point in line]
    if not points:
        return [text(left, TOP - 12, f"{title}: no figures", font_weight="bold")]
    sizes = sorted({n for n, _ in points})
    x, y = size_axis(sizes, left), value_axis([value for _, value in points])
    bottom, right = TOP + PLOT_HEIGHT, left + PLOT_WIDTH
    out = [text(left, TOP - 12, title, font_weight="bold")]
    for tick in steps(y.low, y.high):
        out.append(f'<path d="M{left},{y(tick):.1f}H{right}" class="grid"/>')
        out.append(text(left - 8, y(tick) + 4, grouped(tick), "end"))
    labelled = size_ticks(x, sizes)
    for n in sizes:
        out.append(f'<path d="M{x(n):.1f},{TOP}V{bottom}" class="grid"/>')
        if n in labelled:
            out.append(text(x(n), bottom + 18, grouped(n), "middle"))
    out.append(f'<rect x="{left}" y="{TOP}" width="{PLOT_WIDTH}" height="{PLOT_HEIGHT}" class="frame"/>')
    out.append(text(left + PLOT_WIDTH / 2, bottom + 38, "N", "middle"))
    for colour, mark, line in lines:
        places = [(x(n), y(value)) for n, value in line]
        way = "L".join(f"{px:.1f},{py:.1f}" for px, py in places)
        out.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [marker(px, py, colour, mark) for px, py in places]
    return out


def marker(x, y, colour, mark):
    return (f'<path d="{MARKS[mark]}" transform="translate({x:.1f},{y:.1f})" fill="{colour}" '
            'stroke="#fff" stroke-width="1"/>')


def legend(names, looks):
    """(elements, height) of the names below the plots, in as many lines as they need."""
    out, left, y = [], LEFTS[0], TOP + PLOT_HEIGHT + 66
    for name in names:
        label = "Attune" if name == "attune" else name
        width = 40 + len(label) * LETTER + 18
        if left + width > WIDTH and left > LEFTS[0]:
            left, y = LEFTS[0], y + 22
        colour, mark = looks[name]
        out.append(f'<path d="M{left:.1f},{y - 4}h28" stroke="{colour}" stroke-width="2"/>')
        out += [marker(left + 14, y - 4, colour, mark), text(left + 36, y, label)]
        left += width
    return out, y + 18


def picture(workload, sizes):
    """The SVG of one workload: {n: {peer: row}} with N growing."""
    rows = [row for found in sizes.values() for row in found.values()]
    good = [row for row in rows if row["ok"]]
    names = report.peer_names(good)
    looks = {name: look(name, position) for position, name in enumerate(names)}
    lines = lambda field, least: [
        (*looks[name], [(n, max(found[name][field], least)) for n, found in sizes.items()
                        if name in found and found[name]["ok"]]) for name in reversed(names)]
    keys, height = legend(names, looks)
    exponent = [row["growth_exponent"] for row in good
                if row["peer"] == "attune" and row.get("growth_exponent") is not None]
    titles = {known.name: f"{known.name}: {known.title}" for known in WORKLOADS}
    growth = f", Attune grows as N^{exponent[-1]:g}" if exponent else ""
    body = [text(LEFTS[0], 30, titles.get(workload, workload), font_size="16", font_weight="bold"),
            text(LEFTS[0], 52, report.conditions(rows), fill="#555"),
            *panel(LEFTS[0], f"time [ms]{growth}", lines("ms", 0)),
            *panel(LEFTS[1], "peak memory above inputs [MiB]", lines("peak_mib", SMALLEST_MIB)),
            *keys]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="Helvetica, Arial, sans-serif" font-size="12" '
        'fill="#222">',
        "<style>.grid{stroke:#e4e4e4;fill:none}.frame{stroke:#888;fill:none}</style>",
        '<rect width="100%" height="100%" fill="#fff"/>', *body, "</svg>", ""])
