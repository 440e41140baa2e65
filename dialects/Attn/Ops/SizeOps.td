// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_SIZE_OPS
#define ATTUNE_ATTN_SIZE_OPS

include "dialects/Attn/Ops/OpBase.td"

def Attn_DimOp : Attn_Op<"dim", [Pure, DeclareOpInterfaceMethods<IndexSizeOpInterface>]> {
  let summary = "one dimension of a matrix";
  let description = [{
    The size of dimension `dim` as an index; resolves to a dimension of the tensors that the matrix
    is made of. (C1) `dim` is at least 0 and below the rank.

    ```mlir
    %n = attn.dim %a, 0 : !attn.matrix<?x?xf32>
    ```
  }];
  let arguments = (ins Attn_MatrixType:$matrix, I64Attr:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$matrix `,` $dim attr-dict `:` type($matrix)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Attn_DataSizeOp : Attn_Op<"data_size", [Pure, AllTypesMatch<["value", "result"]>,
    DeclareOpInterfaceMethods<IndexSizeOpInterface>]> {
  let summary = "a size that data decides, with the name of what it grows with";
  let description = [{
    `value` itself; the growth verifier and the cost model take it for `factor` times the size
    `symbol`, which counts as one that grows. `attn.hops` names the pairs inside graphs so: the sum of
    squares of their nodes, P.
    (C1) `symbol` is not empty. (C2) `factor` is at least 1.

    ```mlir
    %p = attn.data_size %bytes "P" {factor = 2}
    ```
  }];
  let arguments = (ins Index:$value, StrAttr:$symbol, DefaultValuedAttr<I64Attr, "1">:$factor);
  let results = (outs Index:$result);
  let assemblyFormat = "$value $symbol attr-dict";
  let hasVerifier = 1;
}

#endif
