// RUN: attune-compile %s --target=reference --before-after=canonicalize | FileCheck %s

// Sizes are named, so that both arguments agree; sizes that give no input (an index below 0) are left
// out.

// CHECK: ok @product: largest difference 0.0e+00
func.func @product(%q: tensor<?x3xf32> {attune.dims = ["N", ""]},
                   %k: tensor<?x3xf32> {attune.dims = ["M", ""]},
                   %v: tensor<?x2xf32> {attune.dims = ["M", ""]}) -> tensor<?x2xf32> {
  %s = attn.dot %q, %k : tensor<?x3xf32>, tensor<?x3xf32>
  %p = attn.softmax %s : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x2xf32>
  return %o : tensor<?x2xf32>
}

// CHECK: ok @graph: largest difference 0.0e+00
func.func @graph(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                 %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                 %segments: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                 %x: tensor<?x2xf32> {attune.dims = ["N", ""]}) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %a = attn.adjacency %offsets, %columns columns(%n) unique : tensor<?xi64>, tensor<?xi32>
  %r = attn.restrict %a segments(%segments : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %r : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %x : !attn.matrix<?x?xf32>, tensor<?x2xf32>
  return %o : tensor<?x2xf32>
}
