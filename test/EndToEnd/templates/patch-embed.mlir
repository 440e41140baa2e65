// Convolutions with batch norm and relu that shrink an image: X [B, C, h, w] -> [B, n, C'].
!image = tensor<?x${channels}x${height}x${breadth}xf32>
!pixels = tensor<?x${height}x${breadth}x${channels}xf32>
!out = tensor<?x${rows}x${width}xf32>
func.func @patches(%x: !image {attune.name = "X", attune.dims = ["B", "", "", ""]},
$weights
    ) -> (!out {attune.name = "out", attune.dims = ["B", "", ""]})
    attributes {attune.sizes = {B = "batch"}} {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %x, %c0 : !image
  %empty = tensor.empty(%batch) : !pixels
  %y0 = linalg.transpose ins(%x : !image) outs(%empty : !pixels) permutation = [0, 2, 3, 1]
$steps  %out = tensor.collapse_shape $last [[0], [1, 2], [3]] : $small into !out
  return %out : !out
}
