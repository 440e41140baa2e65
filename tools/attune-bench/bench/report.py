# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows from files, grouped for tables and pictures, and the Markdown table."""
import json

from measure import Failure

NUMBERS = {"ms": True, "peak_mib": True, "percent_of_peak": False, "gb_per_s": False,
           "compile_s": False, "growth_exponent": False}  # field -> every ok row has it


def read_rows(path):
    """The rows of a file of JSON lines; also those that the peers' script itself has written."""
    rows = []
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read `{path}`: {getattr(error, 'strerror', 'it is no text')}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            rows.append(parse_row(line, f"`{path}` line {number}"))
    if not rows:
        raise Failure(f"`{path}` holds no rows")
    return rows


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def parse_row(line, where):
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Failure(f"{where} is no JSON") from error
    if not isinstance(row, dict):
        raise Failure(f"{where} is no row, expected an object")
    for name, kind in [("workload", str), ("peer", str), ("n", int), ("ok", bool)]:
        if not isinstance(row.get(name), kind):
            raise Failure(f"{where} has no `{name}`, or one that is no {kind.__name__}")
    for name, needed in NUMBERS.items():
        value = row.get(name)
        if row["ok"] and not is_number(value) and (needed or value is not None):
            raise Failure(f"{where}: `{name}` is `{value}`, expected a number")
    if row["n"] < 1 or (row["ok"] and row["ms"] <= 0):
        raise Failure(f"{where}: `n` and `ms` must be above 0")
    return row


def by_workload(rows):
    """workload -> n -> peer -> row, with N growing; of equal rows the last one counts."""
    table = {}
    for row in rows:
        table.setdefault(row["workload"], {}).setdefault(row["n"], {})[row["peer"]] = row
    return {name: dict(sorted(sizes.items())) for name, sizes in table.items()}


def peer_names(rows):
    """Who is in the rows, Attune first."""
    names = list(dict.fromkeys(row["peer"] for row in rows))
    return sorted(names, key=lambda name: name != "attune")


def short(value):
    """Three digits that count; whole numbers keep all of theirs."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.0e}" if value else "0"


def time_of(row):
    if row is None or (not row["ok"] and "cannot express" in row.get("error", "")):
        return ""
    return short(row["ms"]) if row["ok"] else "failed"


def best(rows, field):
    return min((row[field] for row in rows if row["ok"]), default=None)


def ratio(attune, peers):
    """Time of the best peer over that of Attune."""
    fastest = best(peers, "ms")
    return fastest / attune["ms"] if fastest and attune and attune["ok"] else None


def conditions(rows):
    """What the table's numbers were taken under, in one sentence."""
    own = [row for row in rows if row["peer"] == "attune"] or rows
    several = lambda field: ", ".join(dict.fromkeys(str(row[field]) for row in own if field in row))
    text = "Times in ms, the best of several runs"
    if threads := several("threads"):
        text += f"; threads: {threads}"
    if machine := several("machine"):
        text += f"; {machine}"
    most = lambda field: max((row[field] for row in own if is_number(row.get(field))), default=None)
    if most("fma_gflops") and most("read_gb_per_s"):
        text += f"; FMA peak {most('fma_gflops')} GFLOP/s, read {most('read_gb_per_s')} GB/s"
    return text + "."


def markdown(rows):
    names = peer_names(rows)
    others = [name for name in names if name != "attune"]
    head = ["workload", "N", "Attune", *others]
    head += ["best peer / Attune"] if others else []
    head += ["% of FMA peak", "GB/s", "MiB"] + (["MiB, least of peers"] if others else [])
    head += ["compile s", "growth"]
    lines = [head, ["---"] * len(head)]
    for workload, sizes in by_workload(rows).items():
        for n, found in sizes.items():
            attune = found.get("attune")
            peers = [found[name] for name in others if name in found]
            figure = lambda field: short(attune.get(field)) if attune and attune["ok"] else ""
            line = [workload, str(n), time_of(attune), *(time_of(found.get(o)) for o in others)]
            line += [short(ratio(attune, peers))] if others else []
            line += [figure("percent_of_peak"), figure("gb_per_s"), figure("peak_mib")]
            line += [short(best(peers, "peak_mib"))] if others else []
            lines.append(line + [figure("compile_s"), figure("growth_exponent")])
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{table}\n\n{conditions(rows)}\n"
