// RUN: not attune-compile %s --target=reference --print 2>&1 | FileCheck %s

// The promise of `unique` is checked.
func.func @broken() -> tensor<1x?xf32> {
  %offsets = arith.constant dense<[0, 2]> : tensor<2xi64>
  %columns = arith.constant dense<[0, 0]> : tensor<2xi32>
  %n = arith.constant 1 : index
  // CHECK: adjacency-not-unique.mlir:[[#@LINE+1]]:{{[0-9]+}}: a `unique` adjacency has edge (0, 0) twice
  %a = attn.adjacency %offsets, %columns columns(%n) unique : tensor<2xi64>, tensor<2xi32>
  %t = attn.materialize %a : !attn.matrix<1x?xf32>
  return %t : tensor<1x?xf32>
}
