# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A peers' script of the same command line as the real one, with peers whose figures are known."""
import argparse
import json
import sys

PEERS = ["slow", "slower", "unable", "lost", "idle"]


def inputs(name, n):
    import numpy
    return {key: numpy.full((n, 64), value, numpy.float32)
            for key, value in [("q", 0.25), ("k", 0.5), ("v", 3)]}


def main():
    parser = argparse.ArgumentParser()
    for name in ("workload", "peer"):
        parser.add_argument("--" + name)
    for name in ("n", "threads", "repeat"):
        parser.add_argument("--" + name, type=int)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print(json.dumps({"workloads": {"difformer-s": [100]}, "peers": PEERS}))
        return
    if options.peer == "lost":
        sys.exit("no memory\nended by the kernel")
    row = {"workload": options.workload, "n": options.n, "peer": options.peer,
           "threads": options.threads}
    if options.peer == "unable":
        row.update(ok=False, error="cannot express: nothing")
    else:
        ms = {"slow": 1000 + options.repeat, "slower": 2000 + options.n, "idle": 0}[options.peer]
        row.update(ok=True, ms=ms, compile_s=0.5, peak_mib=7)
    print(json.dumps(row))


if __name__ == "__main__":
    main()
