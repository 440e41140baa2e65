// RUN: not attune-compile %s --target=reference --print 2>&1 | FileCheck %s

// The promise of `num_classes` is checked.
func.func @broken() -> tensor<1x1xf32> {
  %t = arith.constant dense<3> : tensor<1xi64>
  %off = arith.constant dense<[0, 1]> : tensor<2xi64>
  %n = arith.constant 1 : index
  // CHECK: blocks-classes.mlir:[[#@LINE+1]]:{{[0-9]+}}: `table` holds 3, expected below 3
  %b = attn.blocks %t, %off size(%n) {num_classes = 3} : tensor<1xi64>, tensor<2xi64> -> !attn.matrix<1x1xf32>
  %x = attn.materialize %b : !attn.matrix<1x1xf32>
  return %x : tensor<1x1xf32>
}
