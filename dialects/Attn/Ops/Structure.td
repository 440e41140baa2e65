// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_STRUCTURE
#define ATTUNE_ATTN_STRUCTURE

include "dialects/Attn/Ops/OpBase.td"

def Attn_RestrictOp : Attn_MatrixOp<"restrict",
    ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getRewrite", "getDeclineReason", "describeForm", "describeElement", "getSegmentOffsets"], [AllTypesMatch<["input", "result"]>]> {
  let summary = "cuts the support: what lies outside becomes absent";
  let description = [{
    Keeps the entries that the mask allows and makes the others absent. Masks are structure, not
    numbers: nothing outside is ever read, so another graph's NaN cannot leak.
    - `segments(offsets)`: i and j lie in the same segment `offsets[g] .. offsets[g+1]` (a batch of
      graphs without padding); offsets [G + 1] i64, not decreasing, from 0 to N.
    - `causal`: j <= i.
    - `window(l, r)`: i - l <= j <= i + r, with l, r >= 0.
    - `key_mask(t)`: column j is kept where t[.., j] is not 0; t is [M], or [B.., M] with batch.

    (C1) `segments` takes one i64 tensor of rank 1 that is not empty; `key_mask` one tensor of i8 or
    i1 with a rank of 1 and the batch dimensions; `causal` and `window` take none. (C2) rows equal
    columns for segments, causal and window; the key mask has as many columns as the matrix, and its
    batch or a static 1. (C3) `window` has `bounds` of two numbers >= 0, others none.

    ```mlir
    %b = attn.restrict %a segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
    %c = attn.restrict %a causal : !attn.matrix<?x?xf32>
    %w = attn.restrict %a window [3, 0] : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input, Attn_MaskKind:$kind, Optional<AnyRankedTensor>:$mask,
      OptionalAttr<DenseI64ArrayAttr>:$bounds);
  let assemblyFormat = [{
    $input $kind (`(` $mask^ `:` type($mask) `)`)? custom<WindowBounds>($bounds) attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Attn_FillOp : Attn_MatrixOp<"fill", ["buildElement", "buildSlice", "getDeclineReason"],
    [AllTypesMatch<["input", "result"]>]> {
  let summary = "gives absent entries a value";
  let description = [{
    Entry (i, j) is that of `input` where present, `value` where absent; afterwards all are present.
    (C1) no entry depends on a CSR matrix with duplicate edges.

    ```mlir
    %f = attn.fill %a, %zero : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$input, F32:$value);
  let assemblyFormat = "$input `,` $value attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif
