// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers of graphs that loop over data: edge lists, pools and hop distances. All are destination style
// and overwrite their inits; the targets lower them.
#ifndef ATTUNE_NN_GRAPH
#define ATTUNE_NN_GRAPH

include "dialects/NN/NNBase.td"
include "mlir/IR/EnumAttr.td"

class NN_LoopOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
                                   DestinationStyleOpInterface], traits)> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
}

def NN_CsrOp : NN_Op<"csr", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DestinationStyleOpInterface]> {
  let summary = "an edge list sorted by row";
  let description = [{
    Edge e of `edge_index` [2, E] goes from source edge_index[0, e] to target edge_index[1, e]. The
    result has one row for each target: `offsets` [N + 1] i64, and for each edge in row order its
    source (`columns` [E] i32) and its number in the list (`edges` [E] i32). Edges of one row keep the
    order of the list, so that sums do not depend on threads. With `drop_self_loops` edges with source =
    target are left out; then offsets[N] < E and the rest of `columns` and `edges` is 0. With `by_source`
    rows are sources and columns targets.
    Destination style: the inits are overwritten. Cost: O(N + E) time and memory.

    (C1) `edge_index` is i64 of shape [2, E]. (C2) inits are i64 [N + 1], i32 [E], i32 [E].

    ```mlir
    %r:3 = nn.csr %edge_index outs(%o, %c, %e : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
        : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
    ```
  }];
  let arguments = (ins AnyShaped:$edge_index, AnyShaped:$offsets, AnyShaped:$columns, AnyShaped:$edges,
                       UnitAttr:$drop_self_loops, UnitAttr:$by_source);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $edge_index `outs` `(` $offsets `,` $columns `,` $edges `:` type($offsets) `,` type($columns) `,`
    type($edges) `)` (`drop_self_loops` $drop_self_loops^)? (`by_source` $by_source^)? attr-dict `:` type($edge_index)
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return ::mlir::MutableOperandRange(getOperation(), 1, 3);
    }
    /// Builds the inits and the op for `numRows` rows.
    static CsrOp createFor(::mlir::OpBuilder &b, ::mlir::Location loc, ::mlir::Value edgeIndex,
                       ::mlir::Value numRows, bool dropSelfLoops, bool bySource = false);
  }];
}

def NN_PoolKind : I32EnumAttr<"PoolKind", "how a segment's rows are joined", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Mean", 1, "mean">,
    I32EnumAttrCase<"Max", 2, "max">]> {
  let cppNamespace = "::attune::nn";
}

def NN_SegmentPoolOp : NN_LoopOp<"segment_pool"> {
  let summary = "sum, mean or maximum of the rows of each segment";
  let description = [{
    out[g, c] joins x[i, c] for offsets[g] <= i < offsets[g+1]; an empty segment gives 0. Rows are
    taken in order, so that results do not depend on threads. With graphs as segments this is the
    readout of a graph model; with the edges of a node as segments (offsets of `nn.csr`, rows gathered
    in its order) it is the scatter sum of message passing. A maximum over a NaN is NaN.

    Shapes: x [N, C], offsets [G + 1] i64 -> [G, C]. Cost: N C FLOP.
    (C1) ranked tensors only, or memrefs only; `x` f32 of rank 2. (C2) `offsets` i64 of rank 1 that is
    not empty. (C3) the init is f32
    [G, C].

    ```mlir
    %p = nn.segment_pool mean %x, %offsets outs(%o : tensor<?x64xf32>)
        : tensor<?x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NN_PoolKind:$kind, AnyShaped:$x, AnyShaped:$offsets, AnyShaped:$init);
  let assemblyFormat = [{
    $kind $x `,` $offsets `outs` `(` $init `:` type($init) `)` attr-dict `:` type($x) `,`
    type($offsets) (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// Builds the init and the op.
    static SegmentPoolOp createFor(::mlir::OpBuilder &b, ::mlir::Location loc, PoolKind kind,
                                   ::mlir::Value x, ::mlir::Value offsets);
  }];
}

def NN_HopLayoutOp : NN_LoopOp<"hop_layout"> {
  let summary = "where each graph's table of hop distances begins, in bytes";
  let description = [{
    starts[0] = 0 and starts[g+1] = starts[g] + b n^2 for a graph of n nodes, where b is 1 if no
    shortest path inside the graph is longer than 254 and 2 otherwise. A graph of at most 255 nodes
    needs no search. Where all edges go both ways (which takes the sum of the degrees at the ends of all
    edges to see) one search from a node of each component settles it if twice the distance found is at
    most 254, and one from the node found farthest if that finds a path of more than 254. Otherwise all
    paths are searched. Graphs, and then nodes, run in parallel.

    Row i of the CSR matrix (`offsets`, `columns`) holds the nodes one step from node i. Edges that
    leave their graph are not taken.
    Shapes: offsets [N + 1] i64, columns [E] i32, graph_offsets [G + 1] i64 -> starts [G + 1] i64.
    (C1) ranked tensors only, or memrefs only; `offsets`, `graph_offsets` and the init are i64 of
    rank 1, the first two not empty, `columns` is i32 of rank 1.
    (C2) the init is as long as `graph_offsets`.

    ```mlir
    %s = nn.hop_layout %offsets, %columns, %graphs outs(%o : tensor<?xi64>)
        : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> tensor<?xi64>
    ```
  }];
  let arguments = (ins AnyShaped:$offsets, AnyShaped:$columns, AnyShaped:$graph_offsets, AnyShaped:$init);
  let assemblyFormat = [{
    $offsets `,` $columns `,` $graph_offsets `outs` `(` $init `:` type($init) `)` attr-dict `:`
    type($offsets) `,` type($columns) `,` type($graph_offsets) (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def NN_HopTableOp : NN_LoopOp<"hop_table"> {
  let summary = "hop distances of all pairs inside each graph, by breadth-first search";
  let description = [{
    The table of graph g begins at byte starts[g]; entry (i, j), counted inside the graph, is the
    length of the shortest path from i to j in edges, 0 for i = j, and 510 where there is no path or
    it is longer. In a graph with one byte for each pair, byte i n + j holds it, and 255 stands for
    510; with two, byte i n + j holds the low and byte n^2 + i n + j the high 8 bits.

    Shapes: offsets [N + 1] i64, columns [E] i32, graph_offsets and starts [G + 1] i64 -> [bytes] i8
    with bytes = starts[G]. Cost: sum over graphs of n (n + edges) steps; rows run in parallel.
    (C1) ranked tensors only, or memrefs only; `offsets`, `graph_offsets` and `starts` are i64 of
    rank 1, the first two not empty, `columns` is i32 of rank 1. (C2) the init is i8 of rank 1. (C3) `starts` is as long as `graph_offsets`.

    ```mlir
    %t = nn.hop_table %offsets, %columns, %graphs, %starts outs(%o : tensor<?xi8>)
        : tensor<?xi64>, tensor<?xi32>, tensor<?xi64>, tensor<?xi64> -> tensor<?xi8>
    ```
  }];
  let arguments = (ins AnyShaped:$offsets, AnyShaped:$columns, AnyShaped:$graph_offsets,
                       AnyShaped:$starts, AnyShaped:$init);
  let assemblyFormat = [{
    $offsets `,` $columns `,` $graph_offsets `,` $starts `outs` `(` $init `:` type($init) `)` attr-dict
    `:` type($offsets) `,` type($columns) `,` type($graph_offsets) `,` type($starts)
    (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// Length of a path that counts as none, and its mark in one byte.
    static constexpr int64_t kUnreachable = 510;
    static constexpr int64_t kUnreachableByte = 255;
  }];
}

#endif
