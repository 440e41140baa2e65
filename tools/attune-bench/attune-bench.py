#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times Attune on the peers' workloads and on whole models, alone or next to the peers.

Prints one JSON row for each workload, N and peer; --table and --svg make a Markdown table and
pictures of the same rows, now or later (--from). Drives the attune-zoo, attune-compile and
attune-run that stand beside it. docs/how-to/measure.md shows it at work.
"""
import argparse
import json
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
SHARE = os.path.join(os.path.dirname(HERE), "share", "attune", "bench")
sys.dont_write_bytecode = True
sys.path.insert(0, SHARE)
try:
    import plot
    import report
    from measure import Attune, Failure, Inputs, Peers, measure
    from workloads import WORKLOADS
except ImportError as error:
    sys.exit(f"attune-bench: error: `{SHARE}` is not complete: {error}")


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Failure(message)


def whole_number(text):
    if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number from 1 up")
    return int(text)


def numbers(text):
    return sorted({whole_number(part) for part in text.split(",")})


def parse(arguments):
    parser = Parser(prog="attune-bench", description=__doc__.splitlines()[0], allow_abbrev=False)
    add = parser.add_argument
    add("--workload", action="append", default=[], metavar="NAME",
        help="a name or a regular expression for whole names (repeatable; default: all)")
    add("--n", type=numbers, metavar="N,N,..", help="values of N (default: those of the workload)")
    add("--threads", type=whole_number, default=len(os.sched_getaffinity(0)),
        help="number of threads (default: the cores that this process may use)")
    add("--repeat", type=whole_number, default=7,
        help="timed runs at least, after one to warm up (default 7)")
    add("--min-time", type=whole_number, default=300, metavar="MS",
        help="least time of all timed runs, in ms: fast programs run more often (default 300)")
    add("--cpu", default="native", help="as for attune-compile (default native)")
    add("--target", choices=["cpu", "gpu"], default="cpu",
        help="with gpu the times are those on the device, without copies (default cpu)")
    add("--chip", default="", metavar="NAMES", help="as for attune-compile, with --target=gpu")
    add("--precision", default="f32", choices=["f32", "tf32x3", "tf32", "bf16"],
        help="as for attune-compile, with --target=gpu (default f32)")
    add("--programs", metavar="FOLDER",
        help="compile nothing, run <workload>.so of this folder")
    add("--compare", action="store_true", help="also run the peers, between two runs of Attune")
    add("--peers", metavar="FILE",
        help="the peers' script (default: ../shared/peers/peers.py beside the source tree)")
    add("--peer", action="append", default=[], metavar="NAME",
        help="with --compare: only this peer (repeatable)")
    add("--python", default=sys.executable, metavar="FILE",
        help="the interpreter that has what the peers need (default: this one)")
    add("--from", action="append", default=[], dest="rows", metavar="FILE",
        help="run nothing, take the rows of this file (repeatable)")
    add("--json", action="store_true", help="print the rows (default without --table)")
    add("--table", action="store_true", help="print a Markdown table at the end")
    add("--svg", metavar="FOLDER", help="write a picture for each workload into this folder")
    add("--list", action="store_true", help="print the workloads and run nothing")
    options = parser.parse_args(arguments)
    options.json |= not (options.table or (options.svg and options.rows))
    if options.peer and not options.compare:
        raise Failure("--peer needs --compare")
    if options.rows and options.compare:
        raise Failure("--from and --compare exclude each other")
    return options


def chosen(patterns, names):
    """The names that are asked for: a whole name, else a regular expression for whole names."""
    found = set()
    for pattern in patterns:
        try:
            fit = [pattern] if pattern in names else [n for n in names if re.fullmatch(pattern, n)]
        except re.error as error:
            raise Failure(f"--workload `{pattern}` is no regular expression: {error}") from error
        if not fit:
            raise Failure(f"unknown workload `{pattern}`, expected one of {', '.join(names)}")
        found.update(fit)
    return [name for name in names if name in found or not patterns]


def shared_folder():
    """The folder `shared` beside the source tree that this is built in, or beside this folder."""
    here = os.path.join("..", "shared")
    places = [os.path.normpath(os.path.join(HERE, "..", "..", here)), here]
    return next((place for place in places if os.path.isdir(place)), here)


def peers_script(options):
    """The script's path, or none where none is asked for and none is there."""
    usual = os.path.join(shared_folder(), "peers", "peers.py")
    if options.target == "gpu":
        usual = os.path.join(SHARE, "gpu_peers.py")
    path = options.peers or usual
    if os.path.isfile(path):
        return path
    if options.peers:
        raise Failure(f"there is no peers' script `{path}`")
    if options.compare:
        raise Failure(f"--compare needs the peers' script, and there is none at `{path}`; "
                      "--peers names another place")
    return None


def run(options, show):
    """Measures, shows each row as it comes, and returns them all."""
    script = peers_script(options)
    names = chosen(options.workload, [workload.name for workload in WORKLOADS])
    peers = Peers(script, options) if script else None
    rivals = peers if options.compare else None
    rows = []
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as scratch:
        attune = Attune(HERE, scratch, options)
        inputs = Inputs(peers, os.path.join(shared_folder(), "golden"), scratch)
        for workload in WORKLOADS:
            if workload.name in names:
                sizes = options.n or workload.sizes_on(options.target)
                for row in measure(attune, rivals, inputs, workload, sizes):
                    show(row)
                    rows.append(row)
    return rows


def earlier(options, show):
    """The rows of files, of the chosen workloads and N."""
    rows = [row for path in options.rows for row in report.read_rows(path)]
    names = chosen(options.workload, list(dict.fromkeys(row["workload"] for row in rows)))
    rows = [row for row in rows if row["workload"] in names and row["n"] in (options.n or [row["n"]])]
    for row in rows:
        show(row)
    return rows


def write_pictures(folder, rows):
    try:
        os.makedirs(folder, exist_ok=True)
        for workload, sizes in report.by_workload(rows).items():
            path = os.path.join(folder, re.sub(r"[^\w.-]", "_", workload) + ".svg")
            with open(path + ".tmp", "w", encoding="utf-8") as file:
                file.write(plot.picture(workload, sizes))
            os.replace(path + ".tmp", path)
    except OSError as error:
        raise Failure(f"cannot write pictures into `{folder}`: {error.strerror}") from error


def main(arguments):
    try:
        options = parse(arguments)
        if options.list:
            for workload in WORKLOADS:
                print(f"{workload.name:<18} {workload.title}; N = {', '.join(map(str, workload.sizes))}")
            return 0
        show = lambda row: print(json.dumps(row), flush=True) if options.json else None
        rows = earlier(options, show) if options.rows else run(options, show)
        if options.table:
            print(report.markdown(rows), end="")
        if options.svg:
            write_pictures(options.svg, rows)
        return 0
    except Failure as failure:
        print(f"attune-bench: error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
