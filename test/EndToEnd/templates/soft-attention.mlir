// One attention of SOFT by itself: X [B, n, C] -> [B, n, C].
//include soft-types.mlir
func.func @attention(%x: !x {attune.name = "X", attune.dims = ["B", "", ""]},
$weights
    ) -> (!x {attune.name = "out", attune.dims = ["B", "", ""]})
    attributes {attune.sizes = {B = "batch"}} {
//include soft-pairs.mlir
  return %attended : !x
}
