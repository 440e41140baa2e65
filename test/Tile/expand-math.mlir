// RUN: attune-opt %s --attune-expand-math | FileCheck %s
// RUN: attune-opt %s --attune-expand-math=approximate | FileCheck %s --check-prefix=APPROX
// DOC: exp on a vector
// CHECK-LABEL: func.func @vector(
// CHECK-COUNT-9: vector.fma
// CHECK: arith.shli
// CHECK: arith.bitcast
// CHECK-NOT: math.exp
// CHECK: return
func.func @vector(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}
// DOC-END

// No call is left, for no number of lanes.
// CHECK-LABEL: func.func @scalars(
// CHECK-NOT: math.
// CHECK: return
func.func @scalars(%x: f32) -> (f32, f32, f32, f32, f32, f32, f32, f32, f32) {
  %a = math.exp %x : f32
  %b = math.exp2 %x : f32
  %c = math.expm1 %x : f32
  %d = math.log %x : f32
  %e = math.log2 %x : f32
  %f = math.log1p %x : f32
  %g = math.tanh %x : f32
  %h = math.erf %x : f32
  %i = math.powf %x, %g : f32
  return %a, %b, %c, %d, %e, %f, %g, %h, %i : f32, f32, f32, f32, f32, f32, f32, f32, f32
}

// CHECK-LABEL: func.func @vectors(
// CHECK-NOT: math.
// CHECK: return
func.func @vectors(%x: vector<4xf32>, %y: vector<2x8xf32>) -> (vector<4xf32>, vector<2x8xf32>, vector<2x8xf32>) {
  %a = math.powf %x, %x : vector<4xf32>
  %b = math.tanh %y : vector<2x8xf32>
  %c = math.log %b : vector<2x8xf32>
  return %a, %b, %c : vector<4xf32>, vector<2x8xf32>, vector<2x8xf32>
}

// A promise about the sign saves the care for overflow.
// CHECK-LABEL: func.func @nonpositive(
// CHECK: arith.cmpf olt
// CHECK-NOT: arith.cmpf
// CHECK: return
func.func @nonpositive(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp %x {attune.nonpositive} : vector<8xf32>
  return %y : vector<8xf32>
}

// The divisor of a sigmoid is an ordinary number: an estimated reciprocal does, for a scalar too.
// CHECK-LABEL: func.func @sigmoid(
// CHECK: arith.divf {{.*}} fastmath<ninf,arcp,contract> : vector<8xf32>
// CHECK: arith.divf {{.*}} fastmath<ninf,arcp,contract> : f32
func.func @sigmoid(%x: vector<8xf32>, %z: f32) -> (vector<8xf32>, f32) {
  %one = arith.constant dense<1.0> : vector<8xf32>
  %n = arith.negf %x : vector<8xf32>
  %e = math.exp %n : vector<8xf32>
  %s = arith.addf %e, %one : vector<8xf32>
  %y = arith.divf %one, %s : vector<8xf32>
  %half = arith.constant 0.5 : f32
  %f = math.exp %z : f32
  %t = arith.addf %half, %f : f32
  %w = arith.divf %half, %t : f32
  return %y, %w : vector<8xf32>, f32
}

// A base that is known needs no logarithm, which has the only division.
// CHECK-LABEL: func.func @constant_base(
// CHECK-NOT: arith.divf
// CHECK: return
func.func @constant_base(%x: vector<8xf32>) -> vector<8xf32> {
  %base = arith.constant dense<0.8> : vector<8xf32>
  %y = math.powf %base, %x : vector<8xf32>
  return %y : vector<8xf32>
}

// CHECK-LABEL: func.func @constant_exponents(
// CHECK-SAME: %[[X:.*]]: f32
// CHECK-DAG: %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]] : f32
// CHECK-DAG: %[[INVERSE:.*]] = arith.divf %{{.*}}, %[[X]] : f32
// CHECK: return %[[X]], %[[SQUARE]], %[[INVERSE]]
func.func @constant_exponents(%x: f32) -> (f32, f32, f32) {
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %minus = arith.constant -1.0 : f32
  %a = math.powf %x, %one : f32
  %b = math.powf %x, %two : f32
  %c = math.powf %x, %minus : f32
  return %a, %b, %c : f32, f32, f32
}

// Other types and functions become library calls later.
// CHECK-LABEL: func.func @others(
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.powf %{{.*}} : f64
// CHECK: math.sin
func.func @others(%x: f64, %y: f32) -> (f64, f64, f32) {
  %a = math.exp %x : f64
  %b = math.powf %x, %a : f64
  %c = math.sin %y : f32
  return %a, %b, %c : f64, f64, f32
}

// NVIDIA's processors have an exp2 and a reciprocal for scalars; vectors stay as they are.
// APPROX-LABEL: func.func @vector(
// APPROX-NOT: llvm.nvvm
// APPROX: return
// APPROX-LABEL: func.func @own(
// APPROX: math.fma
// APPROX: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// APPROX: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
// APPROX-NOT: arith.divf
// APPROX: nvvm.rcp.approx.ftz.f
// APPROX: math.exp
// APPROX: return
func.func @own(%x: f32, %d: f64) -> (f32, f32, f64) {
  %a = math.exp %x : f32
  %one = arith.constant 1.0 : f32
  %e = math.exp %x : f32
  %sum = arith.addf %e, %one : f32
  %s = arith.divf %one, %sum : f32
  %f = math.exp %d : f64
  return %a, %s, %f : f32, f32, f64
}
