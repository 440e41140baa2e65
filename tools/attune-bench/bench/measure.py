# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows of figures: Attune's own from attune-compile and attune-run, and those of the peers' script."""
import functools
import json
import math
import os
import platform
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEER_SECONDS = 900  # for one peer at one size
MOST_RUNS = 500


class Failure(Exception):
    """What the user gets to see; the exit code is 1."""


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def error_line(text):
    """The first error of one of our tools; notes may follow it."""
    return next((line for line in text.splitlines() if "error:" in line), last_line(text))


def machine_name():
    """The processor's name as the kernel has it, else its architecture."""
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


class Attune:
    """The tools in one folder, and what they say about this machine."""

    def __init__(self, folder, scratch, options):
        self.folder, self.scratch, self.options = folder, scratch, options
        self.machine = {"fma_gflops": 0, "read_gb_per_s": 0, "machine": machine_name()}

    def measure_machine(self):
        """The most that was seen counts: with busy neighbours a single look can be too low. A device
        is named by the first run on it."""
        if self.options.target == "gpu":
            return
        out, _ = self.tool("attune-run", "--machine", f"--threads={self.options.threads}", "--json")
        speed = json.loads(out)
        for name in ("fma_gflops", "read_gb_per_s"):
            self.machine[name] = max(self.machine[name], round(speed[name], 1))

    def tool(self, name, *arguments):
        """(stdout, seconds) of a tool that must succeed."""
        path = os.path.join(self.folder, name)
        start = time.monotonic()
        try:
            done = subprocess.run([path, *arguments], capture_output=True, text=True)
        except OSError as error:
            raise Failure(f"cannot run `{path}`: {error.strerror}") from error
        if done.returncode != 0:
            raise Failure(f"{name} ended with exit code {done.returncode}: "
                          f"{error_line(done.stderr)}")
        return done.stdout, time.monotonic() - start

    def compile(self, workload):
        """(shared object, seconds)."""
        if self.options.programs:
            return os.path.join(self.options.programs, workload.name + ".so"), 0
        source = os.path.join(HERE, workload.name + ".mlir")
        if workload.is_model:
            source = os.path.join(self.scratch, workload.name + ".mlir")
            self.tool("attune-zoo", *workload.zoo, "-o", source)
        program = os.path.join(self.scratch, workload.name + ".so")
        target = [f"--target={self.options.target}"]
        if self.options.target == "gpu":
            target += [f"--chip={self.options.chip or 'sm_80'}", f"--precision={self.options.precision}"]
        _, seconds = self.tool("attune-compile", source, f"--cpu={self.options.cpu}", *target, "-o", program)
        return program, seconds

    def run(self, program, arguments):
        def measure(repeat):
            out, _ = self.tool("attune-run", program, *arguments, "--json",
                               f"--threads={self.options.threads}", f"--repeat={repeat}")
            report = {**json.loads(last_line(out)), "repeat": repeat}
            if self.options.target == "gpu":
                device = report["device"]
                self.machine["machine"] = device["name"]
                report.update(ms=device["ms"], ms_median=device["ms"], peak_mib=device["peak_mib"])
            return report
        return long_enough(measure, self.options)

    def row(self, workload, n, report, compile_seconds, inputs):
        """One row, but for what other rows decide."""
        seconds = report["ms"] / 1e3
        gflops = workload.flops(n) / seconds / 1e9 if workload.flops else None
        moved = (report["inputs_mib"] + report["outputs_mib"]) * 2 ** 20
        peak = self.machine["fma_gflops"]
        rounded = lambda value, digits: None if value is None else round(value, digits)
        return {"workload": workload.name, "n": n, "peer": "attune", "ok": True,
                "threads": report["threads"], "repeat": report["repeat"],
                "ms": round(report["ms"], 4), "ms_median": round(report["ms_median"], 4),
                "gflops": rounded(gflops, 2),
                "percent_of_peak": rounded(gflops and peak and 100 * gflops / peak or None, 1),
                "gb_per_s": round(moved / seconds / 1e9, 2),
                "peak_mib": round(report["peak_mib"], 2), "compile_s": round(compile_seconds, 2),
                "growth_exponent": None, "inputs": inputs, "cpu": self.options.cpu,
                **({"precision": self.options.precision} if self.options.target == "gpu" else {}),
                **self.machine}


def long_enough(measure, options):
    """The report of measure(repeat), with as many runs as fill the least time: the first runs of a
    process find threads and caches cold."""
    report = measure(options.repeat)
    ms = report.get("ms") or 0
    needed = min(math.ceil(options.min_time / ms), MOST_RUNS) if ms > 0 else 0
    return measure(needed) if needed > options.repeat else report


def growth_exponent(smaller, larger):
    """The power of N with which time grows from one row to another."""
    return round(math.log(larger["ms"] / smaller["ms"]) / math.log(larger["n"] / smaller["n"]), 2)


class Inputs:
    """Where the arguments of a run come from: the peers' script, files of golden cases, or chance."""

    def __init__(self, peers, golden, scratch):
        self.peers, self.golden, self.scratch = peers, golden, scratch

    def __call__(self, workload, n):
        """(options of attune-run, "peers", "golden" or "random")."""
        files = [os.path.join(self.golden, name) for name in workload.files.get(n, ())]
        if files and all(map(os.path.exists, files)):
            return [f"--bind={path}" for path in files], "golden"
        if self.peers and workload.name in self.peers.workloads and self.peers.numpy_is_there:
            path = os.path.join(self.scratch, "inputs.safetensors")
            self.peers.write_inputs(workload, n, path)
            return [f"--bind={path}"], "peers"
        return [f"--random={name}={size}" for name, size in workload.symbols(n).items()], "random"


def run_python(python, *arguments, timeout=None):
    command = [python, *arguments]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                              env=environment)
    except OSError as error:
        raise Failure(f"cannot run `{python}`: {error.strerror}") from error


class Peers:
    """The peers' script: who is there, their inputs, and one measurement at a time."""

    def __init__(self, script, options):
        self.script, self.options = script, options
        done = run_python(options.python, script, "--list")
        try:
            facts = json.loads(last_line(done.stdout))
            self.workloads, self.names = set(facts["workloads"]), list(facts["peers"])
        except (ValueError, KeyError, TypeError):
            raise Failure(f"`{script} --list` prints no list of workloads and peers: "
                          f"{last_line(done.stderr)}") from None
        unknown = [name for name in options.peer if name not in self.names]
        if unknown:
            raise Failure(f"unknown peer `{unknown[0]}`, expected one of {', '.join(self.names)}")
        self.names = options.peer or self.names

    @functools.cached_property
    def numpy_is_there(self):
        return run_python(self.options.python, "-c", "import numpy").returncode == 0

    def write_inputs(self, workload, n, path):
        done = run_python(self.options.python, os.path.join(HERE, "peer_inputs.py"), self.script,
                          workload.name, str(n), path)
        if done.returncode != 0:
            raise Failure(f"`{self.script}` makes no inputs of {workload.name}, n = {n}: "
                          f"{last_line(done.stderr)}")

    def rows(self, workload, n):
        """A row for each peer; one that fails is a row with its error."""
        if workload.name in self.workloads:
            for name in self.names:
                yield self.row(workload, n, name)

    def row(self, workload, n, name):
        row = {"workload": workload.name, "n": n, "peer": name, "ok": False,
               "threads": self.options.threads, "repeat": self.options.repeat}

        def measure(repeat):
            done = run_python(self.options.python, self.script, "--workload", workload.name, "--n",
                              str(n), "--peer", name, "--threads", str(self.options.threads),
                              "--repeat", str(repeat), timeout=PEER_SECONDS)
            try:
                return {**row, **json.loads(last_line(done.stdout)), "repeat": repeat}
            except (ValueError, TypeError):
                return {**row, "error": f"ended with exit code {done.returncode}: "
                                        f"{last_line(done.stderr)}"}
        try:
            row = long_enough(measure, self.options)
        except subprocess.TimeoutExpired:
            row["error"] = f"took more than {PEER_SECONDS} s"
        if row["ok"] and not row.get("ms", 0) > 0:
            row.update(ok=False, error="gave no time")
        return row


def measure(attune, peers, inputs, workload, sizes):
    """Yields the rows of one workload, by growing N; Attune's comes after those of its peers."""
    try:
        program, seconds = attune.compile(workload)
        before = None
        for n in sizes:
            arguments, source = inputs(workload, n)
            attune.measure_machine()
            runs = [attune.run(program, arguments)]
            others = []
            for other in peers.rows(workload, n) if peers else ():
                other["machine"] = attune.machine["machine"]
                others.append(other)
                yield other
            if peers:  # once more: what the machine does meanwhile is not to favour anyone
                runs.append(attune.run(program, arguments))
            row = attune.row(workload, n, min(runs, key=lambda run: run["ms"]), seconds, source)
            if before:
                row["growth_exponent"] = growth_exponent(before, row)
            if peers:
                row["ms_runs"] = [round(run["ms"], 4) for run in runs]
                row["ratios"] = {other["peer"]: round(other["ms"] / row["ms"], 3)
                                 for other in others if other["ok"]}
            yield row
            before = row
    except Failure as failure:
        raise Failure(f"workload {workload.name}: {failure}") from failure
