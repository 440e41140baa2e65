// RUN: attune-compile %s --target=reference --print | FileCheck %s

// 1 * 2 * 3 * 4.
func.func @for() -> f32 {
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %one = arith.constant 1.0 : f32
  %r = scf.for %i = %c1 to %c5 step %c1 iter_args(%p = %one) -> f32 {
    %k = arith.index_cast %i : index to i32
    %f = arith.sitofp %k : i32 to f32
    %n = arith.mulf %p, %f : f32
    scf.yield %n : f32
  }
  return %r : f32
}
// CHECK: @for -> [] 24

func.func @if() -> (f32, f32) {
  %t = arith.constant true
  %f = arith.constant false
  %a = func.call @choose(%t) : (i1) -> f32
  %b = func.call @choose(%f) : (i1) -> f32
  return %a, %b : f32, f32
}
func.func private @choose(%c: i1) -> f32 {
  %r = scf.if %c -> f32 {
    %x = arith.constant 1.0 : f32
    scf.yield %x : f32
  } else {
    %x = arith.constant 2.0 : f32
    scf.yield %x : f32
  }
  return %r : f32
}
// CHECK: @if -> [] 1
// CHECK: @if -> [] 2

// Every iteration doubles its own row.
func.func @forall() -> tensor<3x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %r = scf.forall (%i) in (3) shared_outs(%o = %x) -> tensor<3x2xf32> {
    %row = tensor.extract_slice %o[%i, 0] [1, 2] [1, 1] : tensor<3x2xf32> to tensor<2xf32>
    %twice = arith.addf %row, %row : tensor<2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %twice into %o[%i, 0] [1, 2] [1, 1]
          : tensor<2xf32> into tensor<3x2xf32>
    }
  }
  return %r : tensor<3x2xf32>
}
// CHECK: @forall -> [3, 2] 2 4 6 8 10 12

func.func @while() -> i32 {
  %one = arith.constant 1 : i32
  %limit = arith.constant 100 : i32
  %r = scf.while (%x = %one) : (i32) -> i32 {
    %c = arith.cmpi slt, %x, %limit : i32
    scf.condition(%c) %x : i32
  } do {
  ^bb0(%y: i32):
    %n = arith.addi %y, %y : i32
    scf.yield %n : i32
  }
  return %r : i32
}
// CHECK: @while -> [] 128
