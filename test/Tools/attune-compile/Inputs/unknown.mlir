func.func @pad() -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %two = arith.constant dense<1.0> : tensor<2xf32>
  %four = tensor.pad %two low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<2xf32> to tensor<4xf32>
  return %four : tensor<4xf32>
}
