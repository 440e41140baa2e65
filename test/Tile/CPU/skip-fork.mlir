// RUN: attune-opt %s --pass-pipeline='builtin.module(convert-scf-to-openmp,func.func(attune-skip-fork))' | FileCheck %s
// DOC: threads only where there is more than one task
// CHECK-LABEL: func.func @tasks(
// CHECK-SAME: memref<?xf32>, %[[N:.*]]: index
// CHECK: %[[SECOND:.*]] = arith.addi
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[SECOND]], %[[N]]
// CHECK: omp.parallel if(%[[MORE]])
func.func @tasks(%x: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %zero, %x[%i] : memref<?xf32>
  }
  return
}
