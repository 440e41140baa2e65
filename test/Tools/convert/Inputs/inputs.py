# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The input recipes of docs/how-to/run-a-published-checkpoint.md, and a check of each.

Writes the karate club's graph with self loops, as DIFFormer needs it, from the graph without.
"""
import sys

# DOC: self-loops
import torch
from safetensors.torch import load_file, save_file


def with_self_loops(edge_index, nodes):
    """Each node once with itself, whether the data had that or not."""
    edge_index = edge_index[:, edge_index[0] != edge_index[1]]
    loops = torch.arange(nodes).repeat(2, 1)
    return torch.cat([edge_index, loops], dim=1)
# DOC-END


# DOC: offsets
def offsets(batch, graphs):
    """graph_offsets [G+1] of the number of the graph that each node is in; nodes of a graph stand together."""
    return torch.cat([torch.zeros(1, dtype=torch.int64), torch.bincount(batch, minlength=graphs).cumsum(0)])
# DOC-END


# DOC: encodings
def adjacency(edge_index, nodes):
    ones = torch.ones(edge_index.shape[1], dtype=torch.float64)
    return torch.zeros(nodes, nodes, dtype=torch.float64).index_put_(tuple(edge_index), ones, accumulate=True)


def random_walk(edge_index, nodes, steps):
    """pe [N, steps]: chances to be back after 1, 2, .. steps, the diagonals of the powers of P = D^-1 A."""
    a = adjacency(edge_index, nodes)
    p = a / a.sum(1, keepdim=True).clamp(min=1)
    power, columns = p, []
    for _ in range(steps):
        columns.append(power.diagonal())
        power = power @ p
    return torch.stack(columns, dim=1).float()


def laplacian(edge_index, nodes, vectors):
    """pe [N, vectors]: eigenvectors of I - D^-1/2 A D^-1/2 after the first, in the order of their eigenvalues."""
    a = adjacency(edge_index, nodes)
    degree = a.sum(1)
    root = torch.where(degree > 0, degree.rsqrt(), 0.0)
    _, found = torch.linalg.eigh(torch.eye(nodes, dtype=torch.float64) - root[:, None] * a * root)
    return found[:, 1:vectors + 1].float()
# DOC-END


def main(graph, output):
    data = load_file(graph)
    edges = with_self_loops(data["edge_index"], len(data["x"]))
    assert torch.equal(with_self_loops(edges, len(data["x"])), edges)
    save_file({"x": data["x"], "edge_index": edges}, output)

    # Graphs of 2, 0 and 3 nodes: two nodes with an edge, and a way of three.
    edges = torch.tensor([[0, 1, 2, 3, 3, 4], [1, 0, 3, 2, 4, 3]])
    assert offsets(torch.tensor([0, 0, 2, 2, 2]), 3).tolist() == [0, 2, 2, 5]
    walk = random_walk(edges, 6, 4)  # node 5 has no edge
    assert walk.tolist() == [[0, 1, 0, 1]] * 2 + [[0, 0.5, 0, 0.5], [0, 1, 0, 1], [0, 0.5, 0, 0.5], [0] * 4]
    way = laplacian(edges[:, 2:] - 2, 3, 2)
    half = 0.5 ** 0.5
    for column, wanted in enumerate([[half, 0, -half], [0.5, -half, 0.5]]):  # eigenvalues 1 and 2
        wanted = torch.tensor(wanted) * way[0, column].sign()
        assert torch.allclose(way[:, column], wanted, atol=1e-6)


if __name__ == "__main__":
    main(*sys.argv[1:])
