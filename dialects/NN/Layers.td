// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_NN_LAYERS
#define ATTUNE_NN_LAYERS

include "dialects/NN/NNBase.td"

def NN_LinearOp : NN_LayerOp<"linear", [InferTypeOpAdaptor]> {
  let summary = "affine map of the last dimension: x W^T + b";
  let description = [{
    out[.., o] = sum over i of x[.., i] weight[o, i] + bias[o]; `weight` is stored as published
    checkpoints store it, [out, in].

    Shapes: x [.., I], weight [O, I], bias [O] -> [.., O]. Cost: 2 N I O FLOP.
    (C1) `x` of rank at least 1. (C2) `weight` of rank 2 whose last dimension equals that of `x`.
    (C3) `bias` of rank 1 and length O. (C4) f32 everywhere.

    ```mlir
    %h = nn.linear %x, %w bias(%b) : tensor<?x1433xf32>, tensor<64x1433xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, Optional<AnyRankedTensor>:$bias);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x `,` $weight (`bias` `(` $bias^ `)`)? attr-dict `:` type($x) `,` type($weight) (`,` type($bias)^)?";
  let hasVerifier = 1;
}

def NN_LayerNormOp : NN_LayerOp<"layer_norm", [AllTypesMatch<["x", "result"]>]> {
  let summary = "normalises the last dimension to mean 0 and variance 1, then scales and shifts";
  let description = [{
    out = (x - mean) / sqrt(var + epsilon) * weight + bias, mean and (biased) variance over the last
    dimension; the variance is taken of the differences from the mean.

    Shapes: x [.., C], weight [C], bias [C] -> [.., C]. Cost: about 8 N C FLOP.
    (C1) `x` of rank at least 1. (C2) `weight` and `bias` of rank 1 and length C. (C3) epsilon > 0.
    (C4) f32 everywhere.

    ```mlir
    %y = nn.layer_norm %x, %w, %b {epsilon = 1.0e-5} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, AnyRankedTensor:$bias,
                       DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x `,` $weight `,` $bias attr-dict `:` type($x) `,` type($weight) `,` type($bias)";
  let hasVerifier = 1;
}

def NN_ReluOp : NN_LayerOp<"relu", [AllTypesMatch<["x", "result"]>]> {
  let summary = "max(x, 0), NaN stays NaN";
  let description = [{
    Shapes: any -> the same. Cost: one FLOP for each element. (C1) f32.

    ```mlir
    %y = nn.relu %x : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def NN_MapOp : NN_LayerOp<"map", [InferTypeOpAdaptor, IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments]> {
  let summary = "a scalar function of the elements of tensors of one shape";
  let description = [{
    The region's arguments are the elements of `inputs` at one place, then `scalars`. It holds
    constants and elementwise ops (`arith`, `math`) only and ends in `attn.yield` of one f32.

    Shapes: inputs all of one shape -> that shape, f32.
    (C1) at least one input. (C2) equal shapes. (C3) region arguments as described. (C4) only
    elementwise ops and constants. (C5) yields one f32.

    ```mlir
    %r = nn.map %d : (tensor<?xf32>) -> tensor<?xf32> {
    ^bb0(%x: f32):
      %s = math.rsqrt %x : f32
      attn.yield %s : f32
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<F32>:$scalars);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $inputs (`scalars` `(` $scalars^ `)`)? attr-dict `:` functional-type($inputs, $result) $body
  }];
  let hasVerifier = 1;
}

def NN_MeanOp : NN_LayerOp<"mean", [InferTypeOpAdaptor]> {
  let summary = "mean over one dimension, which goes away";
  let description = [{
    Named, so that the rewrites can move it: a mean over heads commutes with a product whose matrix
    the heads share. A dimension of size 0 gives 0/0 = NaN.

    Shapes: x of rank R -> rank R - 1. (C1) 0 <= dim < R. (C2) f32.

    ```mlir
    %z = nn.mean %y dim 1 : tensor<?x4x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, I64Attr:$dim);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x `dim` $dim attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def NN_FrobeniusNormOp : NN_LayerOp<"frobenius_norm"> {
  let summary = "square root of the sum of squares of all elements, as a scalar";
  let description = [{
    Shapes: any -> f32. Cost: two FLOP for each element. (C1) f32.

    ```mlir
    %n = nn.frobenius_norm %q : tensor<?x1x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_FrobeniusNormalizeOp : NN_LayerOp<"frobenius_normalize", [AllTypesMatch<["x", "result"]>]> {
  let summary = "divides a tensor by its Frobenius norm, taken over all of it";
  let description = [{
    out = x / sqrt(sum of squares of all elements), the norm over the WHOLE tensor: rows, heads and
    graphs of a batch together, as DIFFormer's published code does. A tensor of zeros gives NaN.
    Source: DIFFormer (Wu et al. 2023), the `simple` kernel.

    Shapes: any -> the same. Cost: three FLOP for each element. (C1) f32.

    ```mlir
    %n = nn.frobenius_normalize %q : tensor<?x1x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_GatherOp : NN_LayerOp<"gather", [InferTypeOpAdaptor]> {
  let summary = "rows of a table by index";
  let description = [{
    out[e, ..] = table[indices[e], ..]. Indices are trusted: the entry checks index arguments
    (`attune.below`), and `nn.csr` makes valid ones.

    Shapes: table [N, ..], indices [E] i32 or i64 -> [E, ..].
    (C1) `indices` of rank 1, i32 or i64. (C2) `table` of rank at least 1.

    ```mlir
    %s = nn.gather %r, %dst : tensor<?xf32>, tensor<?xi64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$table, AnyRankedTensor:$indices);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$table `,` $indices attr-dict `:` type($table) `,` type($indices)";
  let hasVerifier = 1;
}

#endif
