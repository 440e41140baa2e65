# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a file of attune-bench's rows of difformer-s, N = 100 and 200: every field, and the
arithmetic that leads from the measured ones to the others.

usage: check_rows.py <rows.jsonl> [compared]
"""
import json
import math
import sys

FIELDS = ["workload", "n", "peer", "ok", "threads", "repeat", "ms", "ms_median", "gflops",
          "percent_of_peak", "gb_per_s", "peak_mib", "compile_s", "growth_exponent", "inputs",
          "cpu", "fma_gflops", "read_gb_per_s", "machine"]


def close(value, expected, digits):
    """Equal, but for the rounding of `value` and of the time that `expected` comes from."""
    assert abs(value - expected) <= 10 ** -digits + 1e-2 * abs(expected), (value, expected)


def check(row, before):
    assert list(row)[:len(FIELDS)] == FIELDS, list(row)
    assert row["ok"] is True and row["threads"] == 1 and 2 <= row["repeat"] <= 500, row
    assert 0 < row["ms"] <= row["ms_median"] and row["compile_s"] > 0 and row["peak_mib"] >= 0, row
    assert row["inputs"] in ("peers", "random") and row["cpu"] == "native" and row["machine"], row
    seconds, n = row["ms"] / 1e3, row["n"]
    close(row["gflops"], 4 * 64 * 64 * n / seconds / 1e9, 2)
    close(row["percent_of_peak"], 100 * row["gflops"] / row["fma_gflops"], 1)
    close(row["gb_per_s"], 4 * n * 64 * 4 / seconds / 1e9, 2)  # q, k, v and the result, float32
    if before is None:
        assert row["growth_exponent"] is None, row
    else:
        close(row["growth_exponent"], math.log2(row["ms"] / before["ms"]), 2)


def check_peers(attune, peers):
    slow, slower, unable, lost, idle = peers
    assert [row["peer"] for row in peers] == ["slow", "slower", "unable", "lost", "idle"], peers
    assert all(row["threads"] == 1 and row["machine"] == attune["machine"] for row in peers), peers
    assert slow["ok"] and slow["ms"] == 1002 and slower["ms"] == 2000 + attune["n"], peers
    assert not unable["ok"] and unable["error"] == "cannot express: nothing", unable
    assert not lost["ok"] and lost["error"] == "ended with exit code 1: ended by the kernel", lost
    assert not idle["ok"] and idle["error"] == "gave no time", idle
    assert len(attune["ms_runs"]) == 2 and attune["ms"] == min(attune["ms_runs"]), attune
    assert list(attune["ratios"]) == ["slow", "slower"], attune
    for row in (slow, slower):
        close(attune["ratios"][row["peer"]], row["ms"] / attune["ms"], 3)


def main(path, compared=""):
    with open(path) as file:
        rows = [json.loads(line) for line in file]
    own = [row for row in rows if row["peer"] == "attune"]
    assert [(row["workload"], row["n"]) for row in own] == [("difformer-s", 100), ("difformer-s", 200)]
    for row, before in zip(own, [None, own[0]]):
        check(row, before)
    others = [row for row in rows if row["peer"] != "attune"]
    assert len(others) == (10 if compared else 0), others
    if compared:
        check_peers(own[0], others[:5])
        check_peers(own[1], others[5:])


main(*sys.argv[1:])
