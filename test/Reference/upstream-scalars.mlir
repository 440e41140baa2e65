// RUN: attune-compile %s --target=reference --print | FileCheck %s

// Constants are their f32 values in float64: 0.1f is not 0.1.
func.func @exact() -> i1 {
  %a = arith.constant 0.1 : f32
  %b = arith.constant 0.1 : f64
  %c = arith.extf %a : f32 to f64
  %e = arith.cmpf oeq, %b, %c : f64
  return %e : i1
}
// CHECK: @exact -> [] 0

func.func @index() -> (index, index, index, index) {
  %a = arith.constant -7 : index
  %b = arith.constant 2 : index
  %0 = arith.divsi %a, %b : index
  %1 = arith.floordivsi %a, %b : index
  %2 = arith.ceildivsi %a, %b : index
  %3 = arith.remsi %a, %b : index
  return %0, %1, %2, %3 : index, index, index, index
}
// CHECK: @index -> [] -3
// CHECK: @index -> [] -4
// CHECK: @index -> [] -3
// CHECK: @index -> [] -1

// Integers wrap at their width; i1 is 0 or 1, and -1 to signed conversions.
func.func @integers() -> (i8, i32, i32, i1, f32) {
  %a = arith.constant 127 : i8
  %one = arith.constant 1 : i8
  %t = arith.constant true
  %0 = arith.addi %a, %one : i8
  %1 = arith.extui %0 : i8 to i32
  %2 = arith.extsi %t : i1 to i32
  %3 = arith.cmpi ult, %a, %0 : i8
  %4 = arith.uitofp %t : i1 to f32
  return %0, %1, %2, %3, %4 : i8, i32, i32, i1, f32
}
// CHECK: @integers -> [] -128
// CHECK: @integers -> [] 128
// CHECK: @integers -> [] -1
// CHECK: @integers -> [] 1
// CHECK: @integers -> [] 1

// maximumf keeps a NaN, maxnumf drops it; unordered comparisons see it.
func.func @nan() -> (f32, f32, i1, i1) {
  %n = arith.constant 0x7FC00000 : f32
  %a = arith.constant 2.0 : f32
  %0 = arith.maximumf %n, %a : f32
  %1 = arith.maxnumf %n, %a : f32
  %2 = arith.cmpf ult, %n, %a : f32
  %3 = arith.cmpf olt, %n, %a : f32
  return %0, %1, %2, %3 : f32, f32, i1, i1
}
// CHECK: @nan -> [] nan
// CHECK: @nan -> [] 2
// CHECK: @nan -> [] 1
// CHECK: @nan -> [] 0

func.func @elementwise() -> tensor<3xf32> {
  %x = arith.constant dense<[1.0, 4.0, 9.0]> : tensor<3xf32>
  %y = math.sqrt %x : tensor<3xf32>
  %z = arith.mulf %x, %y : tensor<3xf32>
  %c = arith.cmpf ogt, %x, %z : tensor<3xf32>
  %s = arith.select %c, %x, %z : tensor<3xi1>, tensor<3xf32>
  return %s : tensor<3xf32>
}
// CHECK: @elementwise -> [3] 1 8 27

func.func @affine() -> (index, index) {
  %a = arith.constant 7 : index
  %b = arith.constant 3 : index
  %0 = affine.apply affine_map<(d0)[s0] -> (d0 * 2 + s0 floordiv 2)>(%a)[%b]
  %1 = affine.min affine_map<(d0, d1) -> (d0 mod 4, d1)>(%a, %b)
  return %0, %1 : index, index
}
// CHECK: @affine -> [] 15
// CHECK: @affine -> [] 3
