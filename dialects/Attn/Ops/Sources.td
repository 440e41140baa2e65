// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_SOURCES
#define ATTUNE_ATTN_SOURCES

include "dialects/Attn/Ops/OpBase.td"

def Attn_DotOp : Attn_MatrixOp<"dot",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getRewrite", "describeForm"], [InferTypeOpAdaptor]> {
  let summary = "inner products of rows: q_i . k_j";
  let description = [{
    Entry (i, j) is the inner product of row i of `q` and row j of `k`. All entries are present.

    Shapes: q [B.., N, H, D], k [B.., M, H, D] -> [B.., H, N, M].
    Cost of `apply` with E columns: 2 D E (N + M) FLOP by associativity, Q (K^T V).
    (C1) equal rank of at least 2. (C2) equal D. (C3) equal batch and heads, or a static 1.

    ```mlir
    %s = attn.dot %q, %k : tensor<?x4x64xf32>, tensor<?x4x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k);
  let assemblyFormat = "$q `,` $k attr-dict `:` type($q) `,` type($k)";
}

def Attn_DistanceOp : Attn_MatrixOp<"distance", ["buildElement", "buildSlice", "getDeclineReason"], [InferTypeOpAdaptor]> {
  let summary = "squared Euclidean distances of rows: |q_i - k_j|^2";
  let description = [{
    Entry (i, j) is the sum over D of (q_id - k_jd)^2, summed from the differences themselves, so a
    common offset of q and k does not cancel. All entries are present and not negative.

    Shapes: q [B.., N, H, D], k [B.., M, H, D] -> [B.., H, N, M].
    (C1) equal rank of at least 2. (C2) equal D. (C3) equal batch and heads, or a static 1.

    ```mlir
    %s = attn.distance %q, %k : tensor<?x64xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k);
  let assemblyFormat = "$q `,` $k attr-dict `:` type($q) `,` type($k)";
}

def Attn_AdjacencyOp : Attn_MatrixOp<"adjacency",
    ["buildRowSums", "buildElement", "getDeclineReason", "describeElement"], [InferTypeOpAdaptor]> {
  let summary = "a graph in CSR form";
  let description = [{
    Row i holds the edges `offsets[i] .. offsets[i+1]`; edge e stands in column `columns[e]` and has
    the value `values[e]`, or 1 without `values`. Pairs without an edge are absent. Duplicate edges
    add up, which only linear ops respect: a function of the entries (`attn.map`, `attn.hadamard`
    with itself, `attn.softmax`, `attn.fill`) needs `unique`, the promise that no edge is doubled.

    Shapes: offsets [N + 1] i64, columns [NNZ] i32, values [NNZ] or [NNZ, H] -> [N, M], or [H, N, M]
    for values of rank 2. M is the operand of `columns(...)`.
    Cost of `apply` with E columns: 2 NNZ E FLOP.
    (C1) `offsets` i64 of rank 1. (C2) `columns` i32 of rank 1. (C3) `values` f32 of rank 1 or 2 with
    the length of `columns`.

    ```mlir
    %a = attn.adjacency %off, %src values(%w) columns(%n)
        : tensor<?xi64>, tensor<?xi32>, tensor<?x1xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$offsets, AnyRankedTensor:$columns,
      Optional<AnyRankedTensor>:$values, Index:$num_columns, UnitAttr:$unique);
  let assemblyFormat = [{
    $offsets `,` $columns (`values` `(` $values^ `)`)? `columns` `(` $num_columns `)`
    (`unique` $unique^)? attr-dict `:` type($offsets) `,` type($columns) (`,` type($values)^)?
  }];
  let hasVerifier = 1;
}

def Attn_SplatOp : Attn_MatrixOp<"splat",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getRewrite", "getWord"]> {
  let summary = "the same number everywhere";
  let description = [{
    Every entry is present and equal to `value`.

    Shapes: value f32; one index in `sizes` for each dynamic dimension of the result.
    Cost of `apply` with E columns: M E FLOP (column sums of V).
    (C1) as many `sizes` as dynamic dimensions.

    ```mlir
    %1 = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins F32:$value, Variadic<Index>:$sizes);
  let assemblyFormat = "$value `sizes` `(` $sizes `)` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Attn_DiagonalOp : Attn_MatrixOp<"diagonal",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getRewrite", "isStructural"], [AttrSizedOperandSegments]> {
  let summary = "a diagonal matrix";
  let description = [{
    Entry (i, i) is `scalar`, or `values[i]`; everything off the diagonal is absent.

    Shapes: values [N] or [N, H] -> [N, N] or [H, N, N]; with `scalar`, `sizes` gives each dynamic
    dimension. Cost of `apply` with E columns: N E FLOP.
    (C1) exactly one of `scalar` and `values`. (C2) equal rows and columns. (C3) `values` has the
    shape of the result's rows and heads. (C4) as many `sizes` as dynamic dimensions of the result
    where a scalar is given, none otherwise.

    ```mlir
    %eye = attn.diagonal scalar(%one) sizes(%n, %n) : !attn.matrix<?x?xf32>
    %d   = attn.diagonal values(%t : tensor<?xf32>) : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Optional<F32>:$scalar, Optional<AnyRankedTensor>:$values, Variadic<Index>:$sizes);
  let assemblyFormat = [{
    (`scalar` `(` $scalar^ `)`)? (`values` `(` $values^ `:` type($values) `)`)?
    (`sizes` `(` $sizes^ `)`)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Attn_OffsetOp : Attn_MatrixOp<"offset", ["buildElement", "getDeclineReason"]> {
  let summary = "position differences: i - j";
  let description = [{
    Entry (i, j) is i - j as f32 (exact below 2^24). All entries are present.
    (C1) as many `sizes` as dynamic dimensions.

    ```mlir
    %p = attn.offset sizes(%n, %n) : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Variadic<Index>:$sizes);
  let assemblyFormat = "`sizes` `(` $sizes `)` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Attn_DenseOp : Attn_MatrixOp<"dense",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getStoredTable", "describeForm"], [InferTypeOpAdaptor]> {
  let summary = "a stored table as a matrix";
  let description = [{
    Entry (i, j) is `table[.., i, j]`; all entries are present. The table is in matrix order
    [B.., H, N, M], as `attn.materialize` makes it.
    Cost of `apply` with E columns: 2 N M E FLOP. (C1) rank of at least 2, f32.

    ```mlir
    %m = attn.dense %t : tensor<2x49x49xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$table);
  let assemblyFormat = "$table attr-dict `:` type($table)";
}

def Attn_BlocksOp : Attn_MatrixOp<"blocks", ["buildElement", "getDeclineReason", "getSegmentOffsets"]> {
  let summary = "a block diagonal matrix whose blocks are stored one after the other";
  let description = [{
    Entry (i, j) is present where i and j lie in the same segment `offsets[g] .. offsets[g+1]`; it is
    element s_g + (i - offsets[g]) n_g + j - offsets[g] of `table`, as f32, with n_g the length of
    segment g and s_g the sum of the squared lengths before it. Heads and batch share the table.
    With `num_classes` = K the table holds whole numbers from 0 to K - 1 (`attune.below` has an entry
    check that), so that a function of the entry and of the head is computed once for each class
    instead of once for each pair. With `starts` the table is the compact one of `nn.hop_table`, and
    block g begins at byte starts[g].

    Shapes: table [P] i32, i64 or f32 with P the sum of n_g^2, or i8 with `starts`; offsets [G + 1] i64,
    starts [G + 1] i64 -> [1.., N, N]. N is the operand of `size(...)`.
    (C1) `table` of rank 1, i8, i32, i64 or f32. (C2) `offsets` i64 of rank 1 that is not empty.
    (C3) `starts` i64 of rank 1, exactly where `table` is i8. (C4) heads and batch of the result are a
    static 1. (C5) `num_classes` is 1 to 65536 and needs whole numbers; i8 needs it.

    ```mlir
    %h = attn.blocks %t, %offsets size(%n) {num_classes = 511}
        : tensor<?xi64>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$table, AnyRankedTensor:$offsets, Optional<AnyRankedTensor>:$starts,
                       Index:$size, OptionalAttr<I64Attr>:$num_classes);
  let assemblyFormat = [{
    $table `,` $offsets (`starts` `(` $starts^ `:` type($starts) `)`)? `size` `(` $size `)` attr-dict `:`
    type($table) `,` type($offsets) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Each class takes a place in a table for each head.
    static constexpr int64_t kMostClasses = 65536;
  }];
}

def Attn_HopsOp : Attn_MatrixOp<"hops", []> {
  let summary = "hop distances inside each graph of a batch";
  let description = [{
    Entry (i, j) is present where i and j are nodes of one graph; it is the length of the shortest path
    from i to j in edges: 0 on the diagonal, and 510 where there is no path or it is longer. A step
    leads from a node to one of the columns of its row in the CSR matrix; edges that leave their graph
    are not taken. Decomposes to `attn.blocks` with the 511 classes 0 .. 510, on a table that
    `nn.hop_table` fills by breadth-first search: one byte for each pair inside a graph where no
    shortest path is longer than 254, else two.
    Source: Gradformer (Liu et al. 2024), whose published code gives unreachable pairs 510.

    Shapes: offsets [N + 1] i64, columns [E] i32, graph_offsets [G + 1] i64 -> [1.., N, N].
    Cost: the sum over graphs of n (n + edges) steps; n^2 bytes, or twice that.
    (C1) `offsets` and `graph_offsets` i64 of rank 1 that are not empty. (C2) `columns` i32 of rank 1.
    (C3) heads and batch of the result are a static 1.

    ```mlir
    %h = attn.hops %off, %src, %graphs
        : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$offsets, AnyRankedTensor:$columns, AnyRankedTensor:$graph_offsets);
  let assemblyFormat = [{
    $offsets `,` $columns `,` $graph_offsets attr-dict `:` type($offsets) `,` type($columns) `,`
    type($graph_offsets) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Distances are 0 .. 510.
    static constexpr int64_t kClasses = 511;
  }];
}

#endif
