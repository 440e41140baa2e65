// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_SINKS
#define ATTUNE_ATTN_SINKS

include "dialects/Attn/Ops/OpBase.td"

class Attn_SinkOp<string mnemonic, list<Trait> traits = []>
    : Attn_ShapedOp<mnemonic, !listconcat([Pure, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<DimSourceOpInterface>], traits)> {
  let results = (outs AnyRankedTensor:$result);
}

def Attn_ApplyOp : Attn_SinkOp<"apply"> {
  let summary = "the product A V";
  let description = [{
    out[i, h, e] = sum over present j of A[h, i, j] v[j, h, e], plus `init` where given. Absent
    entries are skipped, not multiplied by 0; a row without entries gives 0 (or `init`).

    Shapes: A [B.., H, N, M], v [B.., M, H, E] -> [B.., N, H, E]; a static 1 in heads or batch of
    either broadcasts against the other.
    (C1) rank of `v` equals that of the matrix. (C2) rows of `v` equal M. (C3) heads and batch agree
    or are a static 1. (C4) `init` has the result's type.

    ```mlir
    %o = attn.apply %a, %v into %x : !attn.matrix<?x?xf32>, tensor<?x64xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$matrix, AnyRankedTensor:$v, Optional<AnyRankedTensor>:$init);
  let assemblyFormat = "$matrix `,` $v (`into` $init^)? attr-dict `:` type($matrix) `,` type($v) (`,` type($init)^)?";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Attn_RowSumsOp : Attn_SinkOp<"row_sums"> {
  let summary = "the sum of each row";
  let description = [{
    out[i, h] = sum over present j of A[h, i, j], plus `init` where given; 0 for a row without
    entries.

    Shapes: A [B.., H, N, M] -> [B.., N, H] ([N] for rank 2). (C1) `init` has the result's type.

    ```mlir
    %s = attn.row_sums %a : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$matrix, Optional<AnyRankedTensor>:$init);
  let assemblyFormat = "$matrix (`into` $init^)? attr-dict `:` type($matrix) (`,` type($init)^)?";
  let hasVerifier = 1;
}

def Attn_MaterializeOp : Attn_SinkOp<"materialize"> {
  let summary = "stores every entry";
  let description = [{
    out[.., h, i, j] = A[h, i, j], 0 where absent. The only sink whose result may be N x M; the growth
    verifier refuses it where both dimensions grow.

    Shapes: A [B.., H, N, M] -> tensor [B.., H, N, M].

    ```mlir
    %t = attn.materialize %w : !attn.matrix<2x49x49xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$matrix);
  let assemblyFormat = "$matrix attr-dict `:` type($matrix)";
}

def Attn_NystromResidualOp : Attn_SinkOp<"nystrom_residual", [DeclareOpInterfaceMethods<SugarOpInterface>]> {
  let summary = "what a Nystroem form lacks on the diagonal: 1 - c_i X c_i^T";
  let description = [{
    out[i, h] = `diagonal` - sum over a and b of C(i, a) X[a, b] C(i, b), with absent entries as 0: the
    diagonal of the difference between a kernel whose diagonal is constant (1 for the Gaussian) and its
    Nystroem form. Where X is the inverse of the kernel among landmarks, the difference is positive
    semidefinite, so that entry (i, j) of it is at most sqrt(out_i out_j): a bound on the error of
    `attn.nystrom`. Decomposes to tensor ops on the stored C.

    Shapes: C [B.., H, N, m], X [B.., H, m, m] -> [B.., N, H] ([N] for rank 2).
    Cost: 2 N m^2 FLOP and N m elements, so m must not grow with N.
    (C1) `x` f32 of the rank of C. (C2) both of the last dimensions of `x` equal the columns of C.
    (C3) heads and batch agree or are a static 1.

    ```mlir
    %r = attn.nystrom_residual %c, %x : !attn.matrix<2x?x49xf32>, tensor<2x49x49xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$matrix, AnyRankedTensor:$x,
                       DefaultValuedAttr<F64Attr, "1.0">:$diagonal);
  let assemblyFormat = "$matrix `,` $x attr-dict `:` type($matrix) `,` type($x)";
}

#endif
