// A pre-norm block of a vision transformer: X <- X + attention(LN(X)), X <- X + W2 gelu(W1 LN(X)).
!x = tensor<?x${rows}x${width}xf32>
!both = tensor<?x${rows}x${both}xf32>
!wide = tensor<?x${rows}x${hidden}xf32>
!weight = tensor<${width}x${width}xf32>
!vector = tensor<${width}xf32>
!heads = tensor<?x${rows}x${heads}x${key}xf32>
func.func @block(%x: !x {attune.name = "X", attune.dims = ["B", "", ""]},
$weights
    ) -> (!x {attune.name = "out", attune.dims = ["B", "", ""]})
    attributes {attune.sizes = {B = "batch"}} {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %x, %c0 : !x
  %n1 = nn.layer_norm %x, %norm1.weight, %norm1.bias {epsilon = 1.0e-6} : !x, !vector, !vector
  %q0 = nn.linear %n1, %attn.q.weight bias(%attn.q.bias) : !x, !weight, !vector
  %kv = nn.linear %n1, %attn.kv.weight bias(%attn.kv.bias)
      : !x, tensor<${both}x${width}xf32>, tensor<${both}xf32>
  %k0 = tensor.extract_slice %kv[0, 0, 0] [%batch, $rows, $width] [1, 1, 1] : !both to !x
  %v0 = tensor.extract_slice %kv[0, 0, $width] [%batch, $rows, $width] [1, 1, 1] : !both to !x
  %q = tensor.expand_shape %q0 [[0], [1], [2, 3]] output_shape [%batch, $rows, $heads, $key]
      : !x into !heads
  %k = tensor.expand_shape %k0 [[0], [1], [2, 3]] output_shape [%batch, $rows, $heads, $key]
      : !x into !heads
  %v = tensor.expand_shape %v0 [[0], [1], [2, 3]] output_shape [%batch, $rows, $heads, $key]
      : !x into !heads
  %a = attn.attention %q, %k, %v kernel = "exp" normalize = "softmax" {scale = $scale}
      : !heads, !heads, !heads
  %a1 = tensor.collapse_shape %a [[0], [1], [2, 3]] : !heads into !x
  %a2 = nn.linear %a1, %attn.proj.weight bias(%attn.proj.bias) : !x, !weight, !vector
  %r0 = arith.addf %x, %a2 : !x
  %n2 = nn.layer_norm %r0, %norm2.weight, %norm2.bias {epsilon = 1.0e-6} : !x, !vector, !vector
  %r1 = nn.linear %n2, %mlp.fc1.weight bias(%mlp.fc1.bias)
      : !x, tensor<${hidden}x${width}xf32>, tensor<${hidden}xf32>
  %r2 = nn.gelu %r1 : !wide
  %r3 = nn.linear %r2, %mlp.fc2.weight bias(%mlp.fc2.bias)
      : !wide, tensor<${width}x${hidden}xf32>, !vector
  %r = arith.addf %r0, %r3 : !x
  return %r : !x
}
