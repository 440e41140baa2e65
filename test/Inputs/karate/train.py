#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the two models of the demo on Zachary's karate club and writes every file of this folder.

Needs PyTorch; nothing else in the repository does. Run `python3 train.py` from anywhere; README.md
says what the files hold and how far the accuracy depends on the choices made here.
"""
import os
import sys

import torch
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tensorfile  # noqa: E402

# Ties of the club (W. W. Zachary, 1977): member -> later members, numbered from 0.
TIES = {
    0: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31], 1: [2, 3, 7, 13, 17, 19, 21, 30],
    2: [3, 7, 8, 9, 13, 27, 28, 32], 3: [7, 12, 13], 4: [6, 10], 5: [6, 10, 16], 6: [16],
    8: [30, 32, 33], 9: [33], 13: [33], 14: [32, 33], 15: [32, 33], 18: [32, 33], 19: [33],
    20: [32, 33], 22: [32, 33], 23: [25, 27, 29, 32, 33], 24: [25, 27, 31], 25: [31],
    26: [29, 33], 27: [33], 28: [31, 33], 29: [32, 33], 30: [32, 33], 31: [32, 33], 32: [33]}
# The side each member joined when the club split: H = Mr. Hi, O = the officer.
FACTIONS = "HHHHHHHHHOHHHHOOHHOHOHOOOOOOOOOOOO"
LABELLED = [0, 1, 32, 33]  # two of each side, the leaders 0 and 33 among them
WIDTH, HIDDEN, CLASSES, LAYERS, ALPHA = 8, 16, 2, 2, 0.5
STEPS, SEED = 200, 0
N = len(FACTIONS)


def features(edges):
    """The eigenvectors 2 .. WIDTH+1 of the normalised Laplacian (float64), scaled by sqrt(N).

    They are defined for a graph of any size. An eigenvector's sign is free: the entry of
    largest size is made positive.
    """
    adjacency = torch.zeros(N, N, dtype=torch.float64)
    adjacency[edges[1], edges[0]] = 1
    scale = adjacency.sum(1).rsqrt()
    laplacian = torch.eye(N, dtype=torch.float64) - scale[:, None] * adjacency * scale
    vectors = torch.linalg.eigh(laplacian)[1][:, 1:WIDTH + 1]
    top = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    return (vectors * top.sign() * N ** 0.5).float()


def propagate(edges, x, degree):
    """sum over edges (j -> i) of x_j / sqrt(degree_i degree_j)."""
    source, target = edges
    weight = (degree[target].rsqrt() * degree[source].rsqrt()).nan_to_num(0, 0, 0).to(x.dtype)
    return torch.zeros_like(x).index_add(0, target, weight[:, None] * x[source])


class Attention(torch.nn.Module):
    """(sum_j v_j + q_i . sum_j k_j v_j) / (N + q_i . sum_j k_j), plus the graph term; one head."""

    def __init__(self):
        super().__init__()
        self.Wq, self.Wk, self.Wv = (torch.nn.Linear(HIDDEN, HIDDEN) for _ in range(3))

    def forward(self, x, edges, degree):
        q, k, v = self.Wq(x), self.Wk(x), self.Wv(x)
        q, k = q / q.norm(), k / k.norm()
        above = v.sum(0) + q @ (k.T @ v)
        below = len(x) + q @ k.sum(0)
        return above / below[:, None] + propagate(edges, v, degree)


class Difformer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fcs = torch.nn.ModuleList([torch.nn.Linear(WIDTH, HIDDEN),
                                        torch.nn.Linear(HIDDEN, CLASSES)])
        self.convs = torch.nn.ModuleList(Attention() for _ in range(LAYERS))
        self.bns = torch.nn.ModuleList(torch.nn.LayerNorm(HIDDEN) for _ in range(LAYERS + 1))

    def forward(self, x, edges):
        degree = torch.bincount(edges[1], minlength=len(x)).double()
        drop = lambda value: F.dropout(value, 0.2, self.training)
        x = drop(self.bns[0](self.fcs[0](x)).relu())
        for conv, norm in zip(self.convs, self.bns[1:]):
            x = drop(norm(ALPHA * conv(x, edges, degree) + (1 - ALPHA) * x))
        return self.fcs[1](x)


class Convolution(torch.nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.lin = torch.nn.Linear(width, out, bias=False)
        self.bias = torch.nn.Parameter(torch.zeros(out))

    def forward(self, x, edges):
        loops = torch.arange(len(x)).repeat(2, 1)
        edges = torch.cat([edges, loops], 1)
        degree = torch.bincount(edges[1], minlength=len(x)).double()
        return propagate(edges, self.lin(x), degree) + self.bias


class Gcn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = Convolution(WIDTH, HIDDEN), Convolution(HIDDEN, CLASSES)

    def forward(self, x, edges):
        return self.conv2(self.conv1(x, edges).relu(), edges)


def fit(model, x, edges, label):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=0.01)
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(model(x, edges)[LABELLED], label[LABELLED]).backward()
        optimizer.step()
    return model.eval()


def save(name, **tensors):
    kinds = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
    tensorfile.write(os.path.join(HERE, name + ".safetensors"),
                     {key: (kinds[t.dtype], list(t.shape), t.detach().flatten().tolist())
                      for key, t in tensors.items()})


def main():
    ties = [(a, b) for a, later in TIES.items() for b in later]
    edges = torch.tensor(ties + [(b, a) for a, b in ties]).T
    edges_loops = torch.cat([edges, torch.arange(N).repeat(2, 1)], 1)
    label = torch.tensor([int(side == "O") for side in FACTIONS])
    labelled = torch.tensor(LABELLED)
    x = features(edges)
    save("graph", x=x, edge_index=edges, faction=label, labelled=labelled)
    save("graph-loops", x=x, edge_index=edges_loops, faction=label, labelled=labelled)
    for name, make, graph in [("difformer", Difformer, edges_loops), ("gcn", Gcn, edges)]:
        torch.manual_seed(SEED)
        model = fit(make(), x, graph, label)
        save(name, **model.state_dict())
        with torch.no_grad():
            logits = model.double()(x.double(), graph)
        save(name + "-expect", logits=logits)
        wrong = (logits.argmax(1) != label).nonzero().flatten().tolist()
        print(f"{name}: {N - len(LABELLED) - len(wrong)} of {N - len(LABELLED)} unlabelled "
              f"members right, wrong: {wrong}")


if __name__ == "__main__":
    main()
