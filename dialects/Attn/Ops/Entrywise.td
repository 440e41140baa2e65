// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_ENTRYWISE
#define ATTUNE_ATTN_ENTRYWISE

include "dialects/Attn/Ops/OpBase.td"

def Attn_MapOp : Attn_MatrixOp<"map", ["buildApply", "buildRowSums", "buildElement", "buildSlice", "getRewrite", "getDeclineReason", "describeForm", "describeElement"],
    [AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "any scalar function of entries and of per-row, per-column and per-head values";
  let description = [{
    Entry (i, j) is the region's result; its arguments are the operands' entries (i, j), then
    `rows` at row i, `cols` at column j, `heads` at the head, `scalars`. An entry is absent where
    any matrix operand's entry is. The region may hold constants and elementwise ops (`arith`,
    `math`) only, so that it can run on any number of lanes. `kernel` names a record of the kernel
    functions (sigmoid, exp, gaussian ..) for remarks; the region is the meaning.

    Shapes: matrices [B.., H, N, M] (a static 1 broadcasts), rows [B.., N, H], cols [B.., M, H]
    (rank one less than the matrix's, [N] and [M] for rank 2), heads [H], scalars f32.
    Linear form: a polynomial of one `attn.dot` becomes products of feature maps where the cost
    model finds that cheaper; others are streamed: N M (region + 2 E) FLOP, O(tile) memory.
    (C1) at least one matrix operand. (C2) region arguments as listed above. (C3) only elementwise
    ops and constants. (C4) matrix operands agree up to static 1. (C5) no operand is a function of a
    CSR matrix with duplicate edges. (C6) ends in `attn.yield` of one f32. (C7) rows, cols and heads fit the result.

    ```mlir
    %a = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
    ^bb0(%x: f32):
      %e = math.exp %x : f32
      attn.yield %e : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Attn_MatrixType>:$matrices, Variadic<AnyRankedTensor>:$rows,
      Variadic<AnyRankedTensor>:$cols, Variadic<AnyRankedTensor>:$heads, Variadic<F32>:$scalars,
      OptionalAttr<StrAttr>:$kernel);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $matrices (`rows` `(` $rows^ `:` type($rows) `)`)? (`cols` `(` $cols^ `:` type($cols) `)`)?
    (`heads` `(` $heads^ `:` type($heads) `)`)? (`scalars` `(` $scalars^ `)`)?
    (`kernel` custom<KernelName>($kernel)^)? attr-dict `:` functional-type($matrices, $result) $body
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def Attn_YieldOp : Attn_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "ends the region of `attn.map` and `attn.stream`";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif
