func.func @f() -> tensor<1xf32> {
  %t = arith.constant dense<1.0> : tensor<2xf32>
  %five = arith.constant 5 : index
  %x = tensor.extract %t[%five] : tensor<2xf32>
  %r = tensor.from_elements %x : tensor<1xf32>
  return %r : tensor<1xf32>
}
