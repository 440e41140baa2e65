// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inverses of small stored matrices.
#ifndef ATTUNE_NN_INVERSE
#define ATTUNE_NN_INVERSE

include "dialects/NN/NNBase.td"

def NN_NewtonInverseOp : NN_LayerOp<"newton_inverse", [AllTypesMatch<["x", "result"]>]> {
  let summary = "a fixed number of Newton steps towards the inverse of each matrix";
  let description = [{
    P = x + ridge I;  X_0 = alpha P;  X_{k+1} = 2 X_k - X_k P X_k, `iterations` times. The last iterate
    IS the result, converged or not: on ill-conditioned matrices 20 steps are far from the inverse, and
    models were trained with that.

    alpha = factor / r^2, r the largest row sum of x (before the ridge): of each matrix by itself, or
    with `whole_tensor` of all matrices together. With `bound`, alpha is then halved while the largest
    column sum of |I - P X_0| over all matrices is above it, at most `max_halvings` times.
    Source: SOFT (Lu et al. 2021): ridge 0.01, factor 1.8; its normalised variant (Lu et al. 2024):
    ridge 0, factor 2, whole_tensor, bound 1.01, max_halvings 10. There alpha couples the images of a
    batch: an image alone gives another result than the same image in a pair.

    Steps are computed in f64: directions that have not converged double their error in each.
    Shapes: x [.., m, m] -> the same. Cost: 4 m^3 FLOP for each matrix and step.
    (C1) `x` of rank at least 2 with equal last dimensions. (C2) `iterations` and `max_halvings` are at
    least 0. (C3) `ridge` is at least 0, `factor` above 0, `bound` at least 0. (C4) `bound` and
    `max_halvings` above 0 come together, and with `whole_tensor`. (C5) f32.

    ```mlir
    %i = nn.newton_inverse %w {iterations = 20, ridge = 1.0e-2, factor = 1.8} : tensor<?x2x49x49xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, DefaultValuedAttr<I64Attr, "20">:$iterations,
                       DefaultValuedAttr<F64Attr, "0.0">:$ridge,
                       DefaultValuedAttr<F64Attr, "1.8">:$factor, UnitAttr:$whole_tensor,
                       OptionalAttr<F64Attr>:$bound, DefaultValuedAttr<I64Attr, "0">:$max_halvings);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def NN_CholeskyInverseOp : NN_Op<"cholesky_inverse", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DestinationStyleOpInterface]> {
  let summary = "the inverse of each symmetric positive definite matrix";
  let description = [{
    (x + ridge I)^-1 by x + ridge I = L L^T, of which the lower triangle is read; factor and inverse
    are computed in f64. Where a pivot is not positive the whole matrix becomes NaN.
    Destination style: the init is overwritten.

    Shapes: x [.., m, m] -> the same. Cost: m^3 FLOP for each matrix.
    (C1) ranked tensors only, or memrefs only; `x` of rank at least 2 with equal last dimensions.
    (C2) `ridge` is at least 0. (C3) the init
    has the shape of `x`. (C4) f32.

    ```mlir
    %i = nn.cholesky_inverse %w outs(%o : tensor<?x2x49x49xf32>) {ridge = 1.0e-2}
        : tensor<?x2x49x49xf32> -> tensor<?x2x49x49xf32>
    ```
  }];
  let arguments = (ins AnyShaped:$x, AnyShaped:$init, DefaultValuedAttr<F64Attr, "0.0">:$ridge);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $x `outs` `(` $init `:` type($init) `)` attr-dict `:` type($x) (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

#endif
