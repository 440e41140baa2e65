// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_ALGEBRA
#define ATTUNE_ATTN_ALGEBRA

include "dialects/Attn/Ops/OpBase.td"

def Attn_AddOp : Attn_MatrixOp<"add", ["buildElement", "buildSlice", "buildSupport", "getRewrite", "getWord"],
    [InferTypeOpAdaptor, Commutative]> {
  let summary = "sum of two matrices; an absent entry counts as nothing";
  let description = [{
    Entry (i, j) is the sum of those present, and absent where both are: the support is the union.
    A static 1 in heads or batch broadcasts. Both `apply` and `row_sums` distribute over it.
    (C1) equal rank. (C2) equal dimensions, or a static 1 in heads or batch.

    ```mlir
    %m = attn.add %a, %g : !attn.matrix<4x?x?xf32>, !attn.matrix<1x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$lhs, Attn_MatrixType:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
}

def Attn_HadamardOp : Attn_MatrixOp<"hadamard",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "buildSupport", "getRewrite", "getDeclineReason", "getWord"], [InferTypeOpAdaptor, Commutative]> {
  let summary = "entrywise product";
  let description = [{
    Entry (i, j) is the product, absent where either is: the support is the intersection.
    With a diagonal or a constant operand it has a linear form; with a CSR operand the product visits
    the edges only. (C1) equal rank. (C2) equal dimensions, or a static 1 in heads or batch.
    (C3) at most one operand depends on a CSR matrix with duplicate edges.

    ```mlir
    %m = attn.hadamard %a, %b : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$lhs, Attn_MatrixType:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def Attn_ScaleOp : Attn_MatrixOp<"scale", ["buildElement", "buildSlice", "buildSinks", "buildSupport", "getRewrite", "getWord", "isStructural"],
    [AttrSizedOperandSegments, AllTypesMatch<["input", "result"]>]> {
  let summary = "multiplies rows, columns, heads or everything by numbers";
  let description = [{
    Entry (i, j) of head h times rows[i, h], cols[j, h], heads[h] and scalar, those that are given.
    Absent entries stay absent. Linear, so it distributes over sums and moves to where it is cheapest
    (`attn.map` is for what is not linear).

    Shapes: rows [B.., N, H], cols [B.., M, H] ([N] and [M] for rank 2), heads [H], scalar f32.
    (C1) at least one factor. (C2) factors fit the matrix, or a static 1 in heads or batch.

    ```mlir
    %a = attn.scale %m rows(%r : tensor<?xf32>) cols(%r : tensor<?xf32>) : !attn.matrix<?x?xf32>
    %b = attn.scale %m scalar(%c) : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input, Optional<AnyRankedTensor>:$rows,
      Optional<AnyRankedTensor>:$cols, Optional<AnyRankedTensor>:$heads, Optional<F32>:$scalar);
  let assemblyFormat = [{
    $input (`rows` `(` $rows^ `:` type($rows) `)`)? (`cols` `(` $cols^ `:` type($cols) `)`)?
    (`heads` `(` $heads^ `:` type($heads) `)`)? (`scalar` `(` $scalar^ `)`)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Attn_TransposeOp : Attn_MatrixOp<"transpose",
    ["buildElement", "buildSlice", "buildSinks", "buildSupport", "getWord", "isStructural"], [InferTypeOpAdaptor]> {
  let summary = "swaps rows and columns";
  let description = [{
    Entry (i, j) is entry (j, i) of the input, absent where that is.

    ```mlir
    %t = attn.transpose %a : !attn.matrix<?x49xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Attn_ComposeOp : Attn_MatrixOp<"compose", ["buildApply", "buildRowSums", "buildSupport", "getRewrite", "getWord", "isStructural"], [InferTypeOpAdaptor]> {
  let summary = "matrix product of two implicit matrices";
  let description = [{
    Entry (i, j) is the sum over k of lhs(i, k) rhs(k, j) where both are present; absent where no k
    has both. A chain is ordered by the cost model, never stored where a dimension grows.
    (C1) equal rank. (C2) columns of `lhs` equal rows of `rhs`. (C3) heads and batch agree or are a
    static 1.

    ```mlir
    %p = attn.compose %c, %ct : !attn.matrix<?x49xf32>, !attn.matrix<49x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$lhs, Attn_MatrixType:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
}

def Attn_NystromOp : Attn_MatrixOp<"nystrom", [],
    [InferTypeOpAdaptor, DeclareOpInterfaceMethods<SugarOpInterface>]> {
  let summary = "low-rank approximation through landmarks: C X C^T";
  let description = [{
    Entry (i, j) is the sum over landmarks a and b of C(i, a) X[a, b] C(j, b): the Nystroem form of a
    kernel matrix, C the kernel between rows and landmarks and X the inverse (or what stands for it) of
    the kernel among landmarks. Decomposes to `attn.compose`, so that the chain is multiplied in the
    cheapest order: C (X (C^T V)). `attn.nystrom_residual` says how far it is from the kernel.
    Source: SOFT (Lu et al. 2021), eq. 8; the published code multiplies the large factors first.

    Shapes: C [B.., H, N, m], X [B.., H, m, m] -> [B.., H, N, N].
    Cost of `apply` with E columns: 2 N m (entry + 2 E) + 2 m^2 E FLOP.
    (C1) `x` f32 of the rank of C. (C2) both of the last dimensions of `x` equal the columns of C.
    (C3) heads and batch agree or are a static 1.

    ```mlir
    %k = attn.nystrom %c, %x : !attn.matrix<2x?x49xf32>, tensor<2x49x49xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$c, AnyRankedTensor:$x);
  let assemblyFormat = "$c `,` $x attr-dict `:` type($c) `,` type($x)";
}

def Attn_NormalizeRowsOp : Attn_MatrixOp<"normalize_rows",
    ["buildElement", "buildSinks", "buildSupport", "getRewrite", "getWord", "isStructural"], [AllTypesMatch<["input", "result"]>]> {
  let summary = "divides each row by its sum";
  let description = [{
    Entry (i, j) divided by the sum of row i over present entries. A row without entries stays
    empty; a row with entries whose sum is 0 follows IEEE (0/0 = NaN).
    The normaliser rides along with `apply` as one more column of ones.

    ```mlir
    %p = attn.normalize_rows %a : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def Attn_SoftmaxOp : Attn_MatrixOp<"softmax", ["buildElement", "buildSinks", "getDeclineReason", "isStructural"],
    [AllTypesMatch<["input", "result"]>]> {
  let summary = "exp of each entry over the sum of its row's exp";
  let description = [{
    Entry (i, j) is exp(a_ij - m_i) / sum_j exp(a_ij - m_i), m_i the largest present entry of row i.
    Absent entries stay absent and do not count in the sum. A row without entries stays empty.
    Streamed with a running maximum: O(tile) memory.
    (C1) no entry depends on a CSR matrix with duplicate edges.

    ```mlir
    %p = attn.softmax %a : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Attn_NormalizeSymmetricOp : Attn_MatrixOp<"normalize_symmetric", [],
    [AllTypesMatch<["input", "result"]>]> {
  let summary = "divides entry (i, j) by the square roots of the sums of rows i and j";
  let description = [{
    Entry (i, j) divided by sqrt(s_i) and sqrt(s_j), s the row sums over present entries. Decomposes
    to `attn.scale` with r = 1/sqrt(s) on both sides. A row without entries stays empty.
    (C1) rows equal columns.

    ```mlir
    %p = attn.normalize_symmetric %a : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasCanonicalizer = 0;
}

#endif
