func.func @main(%x: tensor<?x8xf32> {attune.name = "x", attune.dims = ["N", ""]}) -> (tensor<?x8xf32> {attune.name = "y"}) {
  %y = arith.addf %x, %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
