// RUN: attune-opt %s --attune-entry -split-input-file | FileCheck %s
// RUN: attune-opt %s --attune-entry --attune-entry -split-input-file | FileCheck %s
// DOC: names, sizes and read-only arguments are filled in
// CHECK-LABEL: func.func @bare(
// CHECK-SAME: %{{.*}}: tensor<?x?xf32> {attune.dims = ["d0_0", "d0_1"], attune.name = "arg0", bufferization.writable = false}
// CHECK-SAME: %{{.*}}: tensor<4xf32> {attune.name = "arg1", bufferization.writable = false}
// CHECK-SAME: -> (tensor<?x?xf32> {attune.dims = ["d0_0", "d0_1"], attune.name = "result0"})
// CHECK-SAME: attributes {attune.sizes = {d0_0 = "rows", d0_1 = "rows"}}
func.func @bare(%x: tensor<?x?xf32>, %w: tensor<4xf32>) -> tensor<?x?xf32> {
  %y = nn.relu %x : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----
// Given names stay; a size that `attune.sizes` leaves out counts as rows; the result's names follow
// from the code, here through a reshape and a sum.
// CHECK-LABEL: func.func @named(
// CHECK-SAME: {attune.dims = ["N", ""], attune.name = "x", bufferization.writable = false}
// CHECK-SAME: {attune.dims = ["G+1"], attune.name = "offsets", attune.offsets_of = "N", bufferization.writable = false}
// CHECK-SAME: -> (tensor<?x2x4xf32> {attune.dims = ["N", "", ""], attune.name = "y"},
// CHECK-SAME: tensor<?xi64> {attune.dims = ["G+1"], attune.name = "copy"})
// CHECK-SAME: attune.sizes = {G = "batch", N = "rows"}
func.func @named(%x: tensor<?x8xf32> {attune.name = "x", attune.dims = ["N", ""]},
                 %o: tensor<?xi64> {attune.name = "offsets", attune.dims = ["G+1"], attune.offsets_of = "N"})
    -> (tensor<?x2x4xf32> {attune.name = "y"}, tensor<?xi64> {attune.name = "copy"})
    attributes {attune.sizes = {G = "batch"}} {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %y = arith.addf %x, %x : tensor<?x8xf32>
  %z = tensor.expand_shape %y [[0], [1, 2]] output_shape [%n, 2, 4] : tensor<?x8xf32> into tensor<?x2x4xf32>
  return %z, %o : tensor<?x2x4xf32>, tensor<?xi64>
}

// -----
// Private functions are nobody's entry; a matrix may be used in a loop where it is made.
// CHECK-LABEL: func.func private @helper(
// CHECK-SAME: %{{.*}}: tensor<?xf32>) -> tensor<?xf32>
func.func private @helper(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
func.func @loop(%q: tensor<?x4xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%u = %v) -> tensor<?x4xf32> {
    %a = attn.dot %q, %v : tensor<?x4xf32>, tensor<?x4xf32>
    %w = attn.apply %a, %u : !attn.matrix<?x?xf32>, tensor<?x4xf32>
    scf.yield %w : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}
