// RUN: attune-opt %s --attune-gpu-nvvm-math | FileCheck %s
// DOC: roots and rounding
func.func @numbers(%x: f32, %y: f64) -> (f32, f64, f32) {
  %a = math.sqrt %x : f32
  %b = math.rsqrt %y : f64
  %c = math.absf %a : f32
  return %a, %b, %c : f32, f64, f32
}
// CHECK-LABEL: func.func @numbers(
// CHECK: llvm.call_intrinsic "llvm.nvvm.sqrt.rn.f"(%{{.*}}) : (f32) -> f32
// CHECK: %[[ROOT:.*]] = llvm.call_intrinsic "llvm.nvvm.sqrt.rn.d"(%{{.*}}) : (f64) -> f64
// CHECK: arith.divf %{{.*}}, %[[ROOT]] : f64
// CHECK: llvm.call_intrinsic "llvm.fabs"(%{{.*}}) : (f32) -> f32
// DOC-END

// What has no instruction is left.
// CHECK-LABEL: func.func @others(
// CHECK: math.fma
func.func @others(%x: f32) -> f32 {
  %a = math.fma %x, %x, %x : f32
  return %a : f32
}
