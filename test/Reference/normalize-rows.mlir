// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Absent entries do not count in the sum and stay absent.
func.func @normalize() -> tensor<2x2xf32> {
  %c = arith.constant dense<[[2.0, 100.0], [1.0, 3.0]]> : tensor<2x2xf32>
  %f = arith.constant -1.0 : f32
  %m = attn.dense %c : tensor<2x2xf32>
  %l = attn.restrict %m causal : !attn.matrix<2x2xf32>
  %a = attn.normalize_rows %l : !attn.matrix<2x2xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x2xf32>
  %t = attn.materialize %g : !attn.matrix<2x2xf32>
  return %t : tensor<2x2xf32>
}
// CHECK: @normalize -> [2, 2] 1 -1 0.25 0.75

// Row 0 sums to 0: IEEE. Row 1 has no entries and stays empty.
func.func @edge_cases() -> tensor<2x2xf32> {
  %z = arith.constant dense<[0, 2, 2]> : tensor<3xi64>
  %columns = arith.constant dense<[0, 1]> : tensor<2xi32>
  %values = arith.constant dense<[1.0, -1.0]> : tensor<2xf32>
  %n = arith.constant 2 : index
  %f = arith.constant -1.0 : f32
  %m = attn.adjacency %z, %columns values(%values) columns(%n) unique
      : tensor<3xi64>, tensor<2xi32>, tensor<2xf32>
  %a = attn.normalize_rows %m : !attn.matrix<2x?xf32>
  %g = attn.fill %a, %f : !attn.matrix<2x?xf32>
  %t = attn.materialize %g : !attn.matrix<2x?xf32>
  %r = tensor.cast %t : tensor<2x?xf32> to tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
// CHECK: @edge_cases -> [2, 2] inf -inf -1 -1
