// A size allowed by name may occur twice; one that is not named still may not.
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-verify-growth{allow=N}))' -o /dev/null
// RUN: not attune-opt %s --pass-pipeline='builtin.module(func.func(attune-verify-growth{allow=M}))' -o /dev/null 2>&1 | FileCheck %s
// RUN: attune-compile %s --allow=N -o %t.so
// CHECK: allow.mlir:[[# @LINE + 5]]:8: error: 'tensor.empty' op result has N^2 elements
func.func @square(%x: tensor<?x4xf32> {attune.name = "x", attune.dims = ["N", ""]})
    -> (tensor<?x?xf32> {attune.name = "y", attune.dims = ["N", "N"]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %t = tensor.empty(%n, %n) : tensor<?x?xf32>
  %one = arith.constant 1.0 : f32
  %f = linalg.fill ins(%one : f32) outs(%t : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %f : tensor<?x?xf32>
}
