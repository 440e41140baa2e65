// SOFT's attention, [1, n, 2, 32] with 49 landmarks and 20 Newton steps, as peers.py times it.
func.func @attention(%q: tensor<1x?x2x32xf32> {attune.name = "q", attune.dims = ["", "n", "", ""]},
                     %l: tensor<1x49x2x32xf32> {attune.name = "l"},
                     %v: tensor<1x?x2x32xf32> {attune.name = "v", attune.dims = ["", "n", "", ""]})
    -> (tensor<1x?x2x32xf32> {attune.name = "out", attune.dims = ["", "n", "", ""]})
    attributes {attune.sizes = {n = "rows"}} {
  %d = attn.distance %q, %l : tensor<1x?x2x32xf32>, tensor<1x49x2x32xf32>
  %c = attn.map %d kernel "gaussian" : (!attn.matrix<1x2x?x49xf32>) -> !attn.matrix<1x2x?x49xf32> {
  ^bb0(%x: f32):
    %half = arith.constant -0.5 : f32
    %h = arith.mulf %x, %half : f32
    %e = math.exp %h : f32
    attn.yield %e : f32
  }
  %b = attn.distance %l, %l : tensor<1x49x2x32xf32>, tensor<1x49x2x32xf32>
  %w = attn.map %b kernel "gaussian" : (!attn.matrix<1x2x49x49xf32>) -> !attn.matrix<1x2x49x49xf32> {
  ^bb0(%x: f32):
    %half = arith.constant -0.5 : f32
    %h = arith.mulf %x, %half : f32
    %e = math.exp %h : f32
    attn.yield %e : f32
  }
  %t = attn.materialize %w : !attn.matrix<1x2x49x49xf32>
  %i = nn.newton_inverse %t {iterations = 20, ridge = 1.0e-2, factor = 1.8} : tensor<1x2x49x49xf32>
  %m = attn.nystrom %c, %i : !attn.matrix<1x2x?x49xf32>, tensor<1x2x49x49xf32>
  %out = attn.apply %m, %v : !attn.matrix<1x2x?x?xf32>, tensor<1x?x2x32xf32>
  return %out : tensor<1x?x2x32xf32>
}
