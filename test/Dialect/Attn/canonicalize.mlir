// RUN: attune-opt %s -canonicalize -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @transpose_twice
// CHECK-SAME: (%[[A:.*]]: !attn.matrix<?x5xf32>)
// CHECK-NEXT: return %[[A]]
func.func @transpose_twice(%a: !attn.matrix<?x5xf32>) -> !attn.matrix<?x5xf32> {
  %0 = attn.transpose %a : !attn.matrix<?x5xf32>
  %1 = attn.transpose %0 : !attn.matrix<5x?xf32>
  return %1 : !attn.matrix<?x5xf32>
}

// -----

// Nothing is absent in the products; filling them changes nothing.
// CHECK-LABEL: func.func @fill_full
// CHECK-NEXT: %[[DOT:.*]] = attn.dot
// CHECK-NEXT: return %[[DOT]]
func.func @fill_full(%q: tensor<?x6xf32>, %c: f32) -> !attn.matrix<?x?xf32> {
  %0 = attn.dot %q, %q : tensor<?x6xf32>, tensor<?x6xf32>
  %1 = attn.fill %0, %c : !attn.matrix<?x?xf32>
  return %1 : !attn.matrix<?x?xf32>
}

// -----

// What is behind an argument or a mask is not known to be full.
// CHECK-LABEL: func.func @fill_rest
// CHECK: attn.fill
// CHECK: attn.restrict
// CHECK: attn.fill
func.func @fill_rest(%q: tensor<?x6xf32>, %a: !attn.matrix<?x?xf32>, %c: f32)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) {
  %0 = attn.fill %a, %c : !attn.matrix<?x?xf32>
  %1 = attn.dot %q, %q : tensor<?x6xf32>, tensor<?x6xf32>
  %2 = attn.restrict %1 causal : !attn.matrix<?x?xf32>
  %3 = attn.fill %2, %c : !attn.matrix<?x?xf32>
  return %0, %3 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @restrict_twice
// CHECK-SAME: (%[[A:.*]]: !attn.matrix<?x?xf32>, %[[OFF:.*]]: tensor<?xi64>
// CHECK-NEXT: %[[CAUSAL:.*]] = attn.restrict %[[A]] causal
// CHECK-NEXT: %[[SEGMENTS:.*]] = attn.restrict %[[A]] segments(%[[OFF]] : tensor<?xi64>)
// CHECK-NEXT: return %[[CAUSAL]], %[[SEGMENTS]]
func.func @restrict_twice(%a: !attn.matrix<?x?xf32>, %off: tensor<?xi64>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) {
  %0 = attn.restrict %a causal : !attn.matrix<?x?xf32>
  %1 = attn.restrict %0 causal : !attn.matrix<?x?xf32>
  %2 = attn.restrict %a segments(%off : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %3 = attn.restrict %2 segments(%off : tensor<?xi64>) : !attn.matrix<?x?xf32>
  return %1, %3 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
}

// -----

// Other offsets and other bounds are another mask.
// CHECK-LABEL: func.func @restrict_others
// CHECK-COUNT-4: attn.restrict
func.func @restrict_others(%a: !attn.matrix<?x?xf32>, %x: tensor<?xi64>, %y: tensor<?xi64>) -> !attn.matrix<?x?xf32> {
  %0 = attn.restrict %a segments(%x : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %1 = attn.restrict %0 segments(%y : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %2 = attn.restrict %1 window [1, 2] : !attn.matrix<?x?xf32>
  %3 = attn.restrict %2 window [2, 1] : !attn.matrix<?x?xf32>
  return %3 : !attn.matrix<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @apply_into_zeros
// CHECK-SAME: (%[[A:.*]]: !attn.matrix<3x5xf32>, %[[V:.*]]: tensor<5x6xf32>)
// CHECK-NEXT: %[[R:.*]] = attn.apply %[[A]], %[[V]] : <3x5xf32>, tensor<5x6xf32>
// CHECK-NEXT: return %[[R]]
func.func @apply_into_zeros(%a: !attn.matrix<3x5xf32>, %v: tensor<5x6xf32>) -> tensor<3x6xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<3x6xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<3x6xf32>) -> tensor<3x6xf32>
  %0 = attn.apply %a, %v into %zeros : !attn.matrix<3x5xf32>, tensor<5x6xf32>, tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

// CHECK-LABEL: func.func @apply_into_ones
// CHECK: attn.apply %{{.*}}, %{{.*}} into
func.func @apply_into_ones(%a: !attn.matrix<3x5xf32>, %v: tensor<5x6xf32>) -> tensor<3x6xf32> {
  %one = arith.constant 1.0 : f32
  %empty = tensor.empty() : tensor<3x6xf32>
  %ones = linalg.fill ins(%one : f32) outs(%empty : tensor<3x6xf32>) -> tensor<3x6xf32>
  %0 = attn.apply %a, %v into %ones : !attn.matrix<3x5xf32>, tensor<5x6xf32>, tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

// Expressions that no sink takes go away.
// CHECK-LABEL: func.func @unused
// CHECK-NEXT: return
func.func @unused(%q: tensor<?x6xf32>) {
  %0 = attn.dot %q, %q : tensor<?x6xf32>, tensor<?x6xf32>
  %1 = attn.softmax %0 : !attn.matrix<?x?xf32>
  %2 = attn.apply %1, %q : !attn.matrix<?x?xf32>, tensor<?x6xf32>
  return
}

// -----

// A function that ignores the entries needs only where they are.
// CHECK-LABEL: func.func @ignored_values
// CHECK-SAME: (%[[A:[^:]*]]: !attn.matrix<?x?xf32>
// CHECK-NEXT: %[[ONES:.*]] = attn.map %[[A]] :
// CHECK-NOT: attn.scale
// CHECK-NOT: attn.softmax
// CHECK: return %[[ONES]]
func.func @ignored_values(%a: !attn.matrix<?x?xf32>, %c: f32) -> !attn.matrix<?x?xf32> {
  %0 = attn.scale %a scalar(%c) : !attn.matrix<?x?xf32>
  %1 = attn.softmax %0 : !attn.matrix<?x?xf32>
  %2 = attn.map %1 : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %y = arith.constant 1.0 : f32
    attn.yield %y : f32
  }
  return %2 : !attn.matrix<?x?xf32>
}

// -----

// A mask and a product decide where entries are; a value that is used stays.
// CHECK-LABEL: func.func @needed_values
// CHECK: %[[C:.*]] = attn.restrict
// CHECK: %[[P:.*]] = attn.hadamard
// CHECK: %[[S:.*]] = attn.scale
// CHECK: attn.map %[[C]], %[[P]], %[[S]] :
func.func @needed_values(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<?x?xf32>, %c: f32) -> !attn.matrix<?x?xf32> {
  %0 = attn.restrict %a causal : !attn.matrix<?x?xf32>
  %1 = attn.hadamard %a, %b : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %2 = attn.scale %a scalar(%c) : !attn.matrix<?x?xf32>
  %3 = attn.map %0, %1, %2 : (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %y: f32, %z: f32):
    attn.yield %z : f32
  }
  return %3 : !attn.matrix<?x?xf32>
}
