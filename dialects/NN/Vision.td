// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers of image models, channels last.
#ifndef ATTUNE_NN_VISION
#define ATTUNE_NN_VISION

include "dialects/NN/NNBase.td"

def NN_Conv2dOp : NN_LayerOp<"conv2d", [InferTypeOpAdaptor]> {
  let summary = "two-dimensional convolution of images, channels last";
  let description = [{
    out[b, y, x, o] = bias[o] + sum over i, j, c of weight[o, c, i, j] *
    x[b, y s - p + i, x s - p + j, g C/groups + c], where g = o / (O/groups) is the group of channel o,
    s the strides and p the padding; what lies outside the image counts as 0. `weight` is stored as
    published checkpoints store it, [O, C/groups, kH, kW]; images are channels last, so that rows of
    pixels are rows of a matrix product.

    Shapes: x [B, H, W, C], weight [O, C/groups, kH, kW], bias [O] -> [B, H', W', O] with
    H' = (H + 2 p - kH) / s + 1, rounded down. Cost: 2 B H' W' O kH kW C/groups FLOP, and a copy of the
    image where it is padded.
    (C1) `x` of rank 4 with static height and width. (C2) `weight` of rank 4 and static shape, no
    dimension 0. (C3) `strides` and `padding` have two numbers up to 2^20, strides at least 1, padding at least 0.
    (C4) `groups` is at least 1 and divides the channels of `x` (static where there are several,
    unless each group is one channel) and O, and C/groups is what `weight` has. (C5) the kernel is not larger than the padded image. (C6) `bias` of rank 1 and length O.
    (C7) f32 everywhere.

    ```mlir
    %y = nn.conv2d %x, %w bias(%b) strides [2, 2] padding [1, 1]
        : tensor<?x224x224x3xf32>, tensor<32x3x3x3xf32>, tensor<32xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$weight, Optional<AnyRankedTensor>:$bias,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$padding,
                       DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $x `,` $weight (`bias` `(` $bias^ `)`)? (`strides` $strides^)? (`padding` $padding^)?
    (`groups` $groups^)? attr-dict `:` type($x) `,` type($weight) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def NN_BatchNormOp : NN_LayerOp<"batch_norm", [AllTypesMatch<["x", "result"]>]> {
  let summary = "normalises the last dimension by stored statistics, then scales and shifts";
  let description = [{
    out[.., c] = (x[.., c] - mean[c]) / sqrt(variance[c] + epsilon) * weight[c] + bias[c]: batch
    normalisation at inference, by the running statistics of training. No element depends on another.

    Shapes: x [.., C], mean, variance, weight and bias [C] -> [.., C]. Cost: 4 FLOP for each element.
    (C1) `x` of rank at least 1. (C2) vectors of rank 1 and length C. (C3) epsilon > 0.
    (C4) f32 everywhere.

    ```mlir
    %y = nn.batch_norm %x, %m, %v, %w, %b {epsilon = 1.0e-5}
        : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$mean, AnyRankedTensor:$variance,
                       AnyRankedTensor:$weight, AnyRankedTensor:$bias,
                       DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $x `,` $mean `,` $variance `,` $weight `,` $bias attr-dict `:` type($x) `,` type($mean) `,`
    type($variance) `,` type($weight) `,` type($bias)
  }];
  let hasVerifier = 1;
}

def NN_GeluOp : NN_LayerOp<"gelu", [AllTypesMatch<["x", "result"]>]> {
  let summary = "Gaussian error linear unit";
  let description = [{
    x Phi(x), Phi the distribution function of the normal distribution: x/2 (1 + erf(x / sqrt 2)); with
    `tanh` its approximation x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
    Source: Hendrycks and Gimpel 2016. SOFT uses the exact form for landmarks and in its last stage, the
    approximation in its blocks.

    Shapes: any -> the same. Cost: about 20 FLOP for each element. (C1) f32.

    ```mlir
    %y = nn.gelu %x : tensor<?x64xf32>
    %z = nn.gelu %x tanh : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, UnitAttr:$tanh);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x (`tanh` $tanh^)? attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_InterpolateOp : NN_LayerOp<"interpolate", [InferTypeOpAdaptor]> {
  let summary = "bilinear resize of images, channels last";
  let description = [{
    Output row y stands at s = max((y + 1/2) H/H' - 1/2, 0) of the input, between rows floor(s) and
    floor(s) + 1 (or the last); columns alike; out is the bilinear mean of the four pixels. This is
    `align_corners = false` of the published code. Equal sizes give the input.

    Shapes: x [.., H, W, C] -> [.., H', W', C] with `size` = [H', W'].
    Cost: 8 FLOP for each element of the result.
    (C1) `x` of rank at least 3 with static height and width of at least 1. (C2) `size` has two numbers
    from 1 to 2^20. (C3) f32.

    ```mlir
    %y = nn.interpolate %x to [28, 28] : tensor<1x56x56x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DenseI64ArrayAttr:$size);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x `to` $size attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif
