// RUN: attune-opt %s --attune-expand-math | FileCheck %s
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

// CHECK-LABEL: func.func @scalars(
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK-NOT: math.log
// CHECK: return
func.func @scalars(%x: f32) -> (f32, f32, f32, f32) {
  %a = math.exp %x : f32
  %b = math.exp2 %x : f32
  %c = math.tanh %x : f32
  %d = math.log %x : f32
  return %a, %b, %c, %d : f32, f32, f32, f32
}

// The divisor of a sigmoid is an ordinary number: an estimated reciprocal does.
// CHECK-LABEL: func.func @sigmoid(
// CHECK: arith.divf {{.*}} fastmath<ninf,arcp>
func.func @sigmoid(%x: vector<8xf32>) -> vector<8xf32> {
  %one = arith.constant dense<1.0> : vector<8xf32>
  %n = arith.negf %x : vector<8xf32>
  %e = math.exp %n : vector<8xf32>
  %s = arith.addf %e, %one : vector<8xf32>
  %y = arith.divf %one, %s : vector<8xf32>
  return %y : vector<8xf32>
}

// Other types and functions become library calls later.
// CHECK-LABEL: func.func @others(
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.sin
func.func @others(%x: f64, %y: f32) -> (f64, f32) {
  %a = math.exp %x : f64
  %b = math.sin %y : f32
  return %a, %b : f64, f32
}
