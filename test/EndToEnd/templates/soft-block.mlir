// A block of SOFT: X <- LN(X + attention(X)), X <- LN(X + W2 gelu_tanh(W1 X)).
//include soft-types.mlir
!wide = tensor<?x${rows}x${hidden}xf32>
func.func @block(%x: !x {attune.name = "X", attune.dims = ["B", "", ""]},
$weights
    ) -> (!x {attune.name = "out", attune.dims = ["B", "", ""]})
    attributes {attune.sizes = {B = "batch"}} {
//include soft-pairs.mlir
  %r0 = arith.addf %x, %attended : !x
  %r1 = nn.layer_norm %r0, %att.norm1.weight, %att.norm1.bias : !x, !vector, !vector
  %r2 = nn.linear %r1, %att.ff1.weight bias(%att.ff1.bias)
      : !x, tensor<${hidden}x${width}xf32>, tensor<${hidden}xf32>
  %r3 = nn.gelu %r2 tanh : !wide
  %r4 = nn.linear %r3, %att.ff2.weight bias(%att.ff2.bias)
      : !wide, tensor<${width}x${hidden}xf32>, !vector
  %r5 = arith.addf %r1, %r4 : !x
  %r = nn.layer_norm %r5, %att.norm2.weight, %att.norm2.bias : !x, !vector, !vector
  return %r : !x
}
