// RUN: not attune-compile %s --target=reference --print 2>&1 | FileCheck %s

// Graphs hold all nodes.
func.func @broken() -> tensor<2x2xf32> {
  %offsets = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
  %columns = arith.constant dense<[1, 0]> : tensor<2xi32>
  %graphs = arith.constant dense<[0, 1]> : tensor<2xi64>
  // CHECK: hops-offsets.mlir:[[#@LINE+1]]:{{[0-9]+}}: `graph_offsets` must go up from 0 to 2
  %h = attn.hops %offsets, %columns, %graphs : tensor<3xi64>, tensor<2xi32>, tensor<2xi64> -> !attn.matrix<2x2xf32>
  %x = attn.materialize %h : !attn.matrix<2x2xf32>
  return %x : tensor<2x2xf32>
}
