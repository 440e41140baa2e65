# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times what a user would run on a GPU instead: PyTorch eager, compiled, SDPA and FlexAttention, in f32.

  gpu_peers.py --list
  gpu_peers.py --workload softmax --n 16384 --peer torch-sdpa --threads 1 --repeat 20

One JSON row for each measurement, in a process of its own: ms is the least time between two CUDA events
around a call, after warm-up; peak_mib what the device holds above the inputs. TF32 is off, as in Attune's
f32. Needs torch with CUDA.
"""
import argparse
import json
import math
import time

WORKLOADS = ["difformer-s", "difformer-a", "softmax", "gaussian", "soft", "gradformer"]
PEERS = ["torch-eager", "torch-compile", "torch-sdpa", "torch-flex"]


def inputs(workload, n):
    import numpy
    random = numpy.random.default_rng(7)
    draw = lambda *shape: random.standard_normal(shape, dtype=numpy.float32)
    if workload == "soft":
        return {"q": draw(1, 2, n, 32) * 0.4, "l": draw(1, 2, 49, 32) * 0.4, "v": draw(1, 2, n, 32)}
    if workload == "gradformer":
        hops = random.integers(0, 9, (32, n, n)).astype(numpy.float32)
        return {**{name: draw(32, 4, n, 16) for name in "qkv"}, "hops": hops,
                "hop": numpy.full((4, 1, 1), 2.5, numpy.float32)}
    return {name: draw(n, 64) * numpy.float32(0.35) for name in "qkv"}


def eager(workload):
    """The function in plain PyTorch."""
    import torch

    def difformer_s(q, k, v):
        q, k = q / torch.linalg.norm(q), k / torch.linalg.norm(k)
        return (q @ (k.T @ v) + v.sum(0)) / (q @ k.sum(0) + k.shape[0]).unsqueeze(1)

    def difformer_a(q, k, v):
        weights = torch.sigmoid(q @ k.T)
        return weights @ v / weights.sum(1, keepdim=True)

    def softmax(q, k, v):
        return torch.softmax(q @ k.T / math.sqrt(q.shape[-1]), dim=-1) @ v

    def gaussian(q, k, v):
        return torch.exp(-0.5 * torch.cdist(q, k, compute_mode="donot_use_mm_for_euclid_dist") ** 2) @ v

    def soft(q, l, v):
        scale = q.shape[-1] ** -0.5
        near = lambda a, b: torch.exp(-0.5 * scale * torch.cdist(a, b) ** 2)
        kernel, table = near(q, l), near(l, l)
        inverse = 2 * table / (table.abs().sum(-1).amax(-1) ** 2)[..., None, None]
        for _ in range(20):
            inverse = 2 * inverse - inverse @ table @ inverse
        return kernel @ (inverse @ (kernel.transpose(-1, -2) @ v))

    def gradformer(q, k, v, hops, hop):
        decay = 0.6 ** torch.relu(hops.unsqueeze(1) - hop)
        return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) * decay, -1) @ v

    return {"difformer-s": difformer_s, "difformer-a": difformer_a, "softmax": softmax, "gaussian": gaussian,
            "soft": soft, "gradformer": gradformer}[workload]


def function(workload, peer):
    """What is timed; a peer that cannot do the workload raises NotImplementedError."""
    import torch
    plain = eager(workload)
    if peer == "torch-eager":
        return plain
    if peer == "torch-compile":
        return torch.compile(plain)
    one = lambda x: x.unsqueeze(0).unsqueeze(0)
    if peer == "torch-sdpa":
        if workload != "softmax":
            raise NotImplementedError("scaled_dot_product_attention is softmax attention")
        attend = torch.nn.functional.scaled_dot_product_attention
        return lambda q, k, v: attend(one(q), one(k), one(v))[0, 0]
    from torch.nn.attention.flex_attention import flex_attention
    compiled = torch.compile(flex_attention)
    if workload == "softmax":
        return lambda q, k, v: compiled(one(q), one(k), one(v))[0, 0]
    if workload == "gradformer":
        def decayed(q, k, v, hops, hop):
            change = lambda s, b, h, i, j: s * 0.6 ** torch.relu(hops[b, i, j] - hop[h, 0, 0])
            return compiled(q, k, v, score_mod=change)
        return decayed
    raise NotImplementedError("FlexAttention normalises with softmax")


def measure(options):
    import torch
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    call = function(options.workload, options.peer)
    arguments = [torch.from_numpy(x).cuda() for x in inputs(options.workload, options.n).values()]
    start = time.monotonic()
    with torch.no_grad():
        for _ in range(3):
            call(*arguments)
        torch.cuda.synchronize()
        compile_s = time.monotonic() - start
        torch.cuda.reset_peak_memory_stats()
        before, times = torch.cuda.memory_allocated(), []
        for _ in range(options.repeat):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            call(*arguments)
            end.record()
            end.synchronize()
            times.append(begin.elapsed_time(end))
    return {"ms": min(times), "compile_s": round(compile_s, 2), "machine": torch.cuda.get_device_name(),
            "peak_mib": (torch.cuda.max_memory_allocated() - before) / 2 ** 20}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--workload", choices=WORKLOADS)
    parser.add_argument("--n", type=int)
    parser.add_argument("--peer", choices=PEERS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=20)
    options = parser.parse_args()
    if options.list:
        print(json.dumps({"workloads": WORKLOADS, "peers": PEERS}))
        return
    row = {"workload": options.workload, "n": options.n, "peer": options.peer, "threads": options.threads,
           "ok": False}
    try:
        row.update(ok=True, **measure(options))
    except Exception as error:  # out of memory, not available, not possible: a row says so
        row.update(ok=False, error=f"{type(error).__name__}: {error}".splitlines()[0][:300])
    print(json.dumps(row))


if __name__ == "__main__":
    main()
