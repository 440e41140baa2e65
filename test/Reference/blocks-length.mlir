// RUN: not attune-compile %s --target=reference --print 2>&1 | FileCheck %s

// A table has one element for each pair of rows of a segment.
func.func @broken() -> tensor<3x3xf32> {
  %t = arith.constant dense<1.0> : tensor<9xf32>
  %off = arith.constant dense<[0, 2, 3]> : tensor<3xi64>
  %n = arith.constant 3 : index
  // CHECK: blocks-length.mlir:[[#@LINE+1]]:{{[0-9]+}}: `table` has 9 elements, expected 5
  %b = attn.blocks %t, %off size(%n) : tensor<9xf32>, tensor<3xi64> -> !attn.matrix<3x3xf32>
  %x = attn.materialize %b : !attn.matrix<3x3xf32>
  return %x : tensor<3x3xf32>
}
