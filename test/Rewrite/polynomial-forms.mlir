// A polynomial is what the region computes, however it is written; the op that is none is named with its line.
// RUN: attune-opt %s --attune-linearize | FileCheck %s
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=EXPLAIN
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=5 | FileCheck %s --check-prefix=MEANING

// Division by a constant.
// MEANING: ok @divided
// CHECK-LABEL: func.func @divided
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function divided
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @divided(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %eight = arith.constant 8.0 : f32
    %t = arith.divf %x, %eight : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @power
// CHECK-LABEL: func.func @power
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function power
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @power(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %two = arith.constant 2.0 : f32
    %y = math.powf %x, %two : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @integer_power
// CHECK-LABEL: func.func @integer_power
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function integer_power
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @integer_power(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %two = arith.constant 2 : i32
    %y = math.fpowi %x, %two : f32, i32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @powers_of_0_and_1
// CHECK-LABEL: func.func @powers_of_0_and_1
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function powers_of_0_and_1
// EXPLAIN: computed as polynomial(degree 1, factored(rank 8))
func.func @powers_of_0_and_1(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1 : i32
    %a = math.powf %x, %zero : f32
    %b = math.fpowi %x, %one : f32, i32
    %y = arith.addf %a, %b : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @fused
// CHECK-LABEL: func.func @fused
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function fused
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @fused(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 0.5 : f32
    %y = math.fma %x, %x, %c : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @negated
// CHECK-LABEL: func.func @negated
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function negated
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @negated(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 2.0 : f32
    %m = arith.negf %x : f32
    %d = arith.subf %c, %m : f32
    %y = arith.mulf %d, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A function of a function, and a sum and an entrywise product of functions of the same dot product.
// MEANING: ok @nested
// CHECK-LABEL: func.func @nested
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function nested
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @nested(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %g = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 1.0 : f32
    %y = arith.addf %x, %c : f32
    attn.yield %y : f32
  }
  %f = attn.map %g : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @products
// CHECK-LABEL: func.func @products
// CHECK-NOT:     attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function products
// EXPLAIN: computed as polynomial(degree 2, factored(rank 8))
func.func @products(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %g = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 1.0 : f32
    %y = arith.addf %x, %c : f32
    attn.yield %y : f32
  }
  %p = attn.hadamard %g, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %f = attn.map %p : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: the square of a square, a division by x, other powers, a function.
// MEANING: ok @quartic
// CHECK-LABEL: func.func @quartic
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function quartic
// EXPLAIN: - declined polynomial, entrywise-function: `arith.mulf` at {{.*}}:[[@LINE+12]]:
func.func @quartic(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %g = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    attn.yield %y : f32
  }
  %f = attn.map %g : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @reciprocal
// CHECK-LABEL: func.func @reciprocal
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function reciprocal
// EXPLAIN: - declined polynomial, entrywise-function: `arith.divf` at {{.*}}:[[@LINE+8]]:
func.func @reciprocal(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 1.0 : f32
    %y = arith.divf %c, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @root
// CHECK-LABEL: func.func @root
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function root
// EXPLAIN: - declined polynomial, entrywise-function: `math.powf` at {{.*}}:[[@LINE+8]]:
func.func @root(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 0.5 : f32
    %y = math.powf %x, %c : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @negative_power
// CHECK-LABEL: func.func @negative_power
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function negative_power
// EXPLAIN: - declined polynomial, entrywise-function: `math.fpowi` at {{.*}}:[[@LINE+8]]:
func.func @negative_power(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant -1 : i32
    %y = math.fpowi %x, %c : f32, i32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @tangent
// CHECK-LABEL: func.func @tangent
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function tangent
// EXPLAIN: - declined polynomial, entrywise-function: `math.tanh` at {{.*}}:[[@LINE+7]]:
func.func @tangent(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Two dot products.
// MEANING: ok @two_dots
// CHECK-LABEL: func.func @two_dots
// CHECK:         attn.stream
// CHECK:         return
// EXPLAIN-LABEL: function two_dots
// EXPLAIN: - declined polynomial, entrywise-function: `arith.mulf` at {{.*}}:[[@LINE+10]]:
func.func @two_dots(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["M", ""]},
                 %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["M", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %s2 = attn.dot %k, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %t2 = attn.transpose %s2 : !attn.matrix<?x?xf32>
  %h = attn.hadamard %s, %t2 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %f = attn.map %h : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
