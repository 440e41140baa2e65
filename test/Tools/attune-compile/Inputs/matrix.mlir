// Not inlined: it calls itself.
func.func private @g(%a: !attn.matrix<2x2xf32>) {
  call @g(%a) : (!attn.matrix<2x2xf32>) -> ()
  return
}
func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %a = attn.dot %x, %x : tensor<2x2xf32>, tensor<2x2xf32>
  call @g(%a) : (!attn.matrix<2x2xf32>) -> ()
  return %x : tensor<2x2xf32>
}
