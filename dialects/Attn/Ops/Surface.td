// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_SURFACE
#define ATTUNE_ATTN_SURFACE

include "dialects/Attn/Ops/OpBase.td"

def Attn_AttentionOp : Attn_ShapedOp<"attention", [Pure, AttrSizedOperandSegments, InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<DimSourceOpInterface>, DeclareOpInterfaceMethods<SugarOpInterface>]> {
  let summary = "attention as an importer sees it; decomposes into the algebra";
  let description = [{
    out = N(mask(f(s))) v with s = `scale` * (q . k), or |q - k|^2 for the Gaussian.
    - `kernel`: `linear` (1 + s), `sigmoid`, `exp`, `gaussian` (exp(-s/2), s = scale |q - k|^2), `relu`.
    - `normalize`: `none`, `rows` (divide by the row sum), `softmax` (only with `kernel` exp).
    - `causal`, `segments(offsets)`, `key_mask(t)`: as in `attn.restrict`, applied before normalising.

    Shapes: q [B.., N, H, D], k [B.., M, H, D], v [B.., M, H, E] -> [B.., N, H, E].
    (C1) q and k f32 of equal rank of at least 2. (C2) equal D. (C3) equal batch and heads of q and k,
    or a static 1. (C4) v f32 with the rank and rows of k. (C5) batch and heads of v agree, or are a
    static 1. (C6) known `kernel` and `normalize`. (C7) softmax only with exp. (C8) masks as
    `attn.restrict` takes them.

    ```mlir
    %o = attn.attention %q, %k, %v kernel = "exp" normalize = "softmax" causal {scale = 0.125}
        : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$q, AnyRankedTensor:$k, AnyRankedTensor:$v,
      Optional<AnyRankedTensor>:$segments, Optional<AnyRankedTensor>:$key_mask,
      StrAttr:$kernel, StrAttr:$normalize, UnitAttr:$causal, DefaultValuedAttr<F64Attr, "1.0">:$scale);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $q `,` $k `,` $v `kernel` `=` custom<KernelName>($kernel) `normalize` `=` custom<NormalizeName>($normalize) (`causal` $causal^)?
    (`segments` `(` $segments^ `:` type($segments) `)`)?
    (`key_mask` `(` $key_mask^ `:` type($key_mask) `)`)?
    attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

#endif
