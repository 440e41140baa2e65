// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @map
// CHECK: attn.map %{{.*}} kernel "exp" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: math.exp %[[X]] : f32
// CHECK-NEXT: attn.yield %{{.*}} : f32
// CHECK: attn.map %{{.*}}, %{{.*}} rows(%{{.*}} : tensor<3x4xf32>) cols(%{{.*}} : tensor<5x1xf32>) heads(%{{.*}} : tensor<4xf32>) scalars(%{{.*}}) : (!attn.matrix<4x3x5xf32>, !attn.matrix<1x3x5xf32>) -> !attn.matrix<4x3x5xf32> {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
func.func @map(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<4x3x5xf32>, %c: !attn.matrix<1x3x5xf32>,
    %r: tensor<3x4xf32>, %l: tensor<5x1xf32>, %h: tensor<4xf32>, %s: f32)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<4x3x5xf32>) {
  %0 = attn.map %a kernel "exp" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    attn.yield %e : f32
  }
  %1 = attn.map %b, %c rows(%r : tensor<3x4xf32>) cols(%l : tensor<5x1xf32>) heads(%h : tensor<4xf32>) scalars(%s)
      : (!attn.matrix<4x3x5xf32>, !attn.matrix<1x3x5xf32>) -> !attn.matrix<4x3x5xf32> {
  ^bb0(%x: f32, %y: f32, %i: f32, %j: f32, %g: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %q = arith.cmpf olt, %p, %i : f32
    %e = arith.select %q, %j, %z : f32
    attn.yield %e : f32
  }
  return %0, %1 : !attn.matrix<?x?xf32>, !attn.matrix<4x3x5xf32>
}

// -----

func.func @map_c1(%s: f32) {
  // expected-error @+1 {{'attn.map' op must have at least one matrix operand (C1)}}
  %0 = "attn.map"(%s) <{operandSegmentSizes = array<i32: 0, 0, 0, 0, 1>}> ({
  ^bb0(%x: f32):
    attn.yield %x : f32
  }) : (f32) -> !attn.matrix<3x3xf32>
  return
}

// -----

func.func @map_c2(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region has 2 arguments, expected 1, one for each operand (C2)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c2_type(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region argument 0 is 'f64', expected f32 (C2)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f64):
    %y = arith.truncf %x : f64 to f32
    attn.yield %y : f32
  }
  return
}

// -----

func.func @map_c3(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must hold only constants and elementwise ops (C3)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-note @+1 {{`tensor.from_elements` is neither}}
    %t = tensor.from_elements %x : tensor<1xf32>
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c3_tensor(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must hold only constants and elementwise ops (C3)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-note @+1 {{`arith.constant` is not on scalars}}
    %t = arith.constant dense<1.0> : tensor<2xf32>
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c4(%a: !attn.matrix<3x5xf32>, %b: !attn.matrix<3x4xf32>) {
  // expected-error @+1 {{'attn.map' op matrix operand 1 is '!attn.matrix<3x4xf32>', expected the shape of those before it or a static 1 in heads or batch (C4)}}
  %0 = attn.map %a, %b : (!attn.matrix<3x5xf32>, !attn.matrix<3x4xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c4_rank(%a: !attn.matrix<3x5xf32>, %b: !attn.matrix<2x3x5xf32>) {
  // expected-error @+1 {{'attn.map' op matrix operand 1 is '!attn.matrix<2x3x5xf32>', expected the shape of those before it or a static 1 in heads or batch (C4)}}
  %0 = attn.map %a, %b : (!attn.matrix<3x5xf32>, !attn.matrix<2x3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c4_result(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op result is '!attn.matrix<3x6xf32>', expected the shape of the operands (C4)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x6xf32> {
  ^bb0(%x: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c4_result_rank(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op result is '!attn.matrix<2x3x5xf32>', expected the shape of the operands (C4)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<2x3x5xf32> {
  ^bb0(%x: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c5(%off: tensor<?xi64>, %col: tensor<?xi32>, %n: index) {
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  // expected-error @+1 {{'attn.map' op is a function of a CSR matrix that may hold an edge twice, expected `unique` on its attn.adjacency (C5)}}
  %0 = attn.map %a : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c6(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must end in `attn.yield` of one f32 (C6)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-note @+1 {{it ends here}}
    attn.yield %x, %x : f32, f32
  }
  return
}

// -----

func.func @map_c6_none(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must end in `attn.yield` of one f32 (C6)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-note @+1 {{it ends here}}
    attn.yield
  }
  return
}

// -----

func.func @map_c6_type(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must end in `attn.yield` of one f32 (C6)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    %y = arith.extf %x : f32 to f64
    // expected-note @+1 {{it ends here}}
    attn.yield %y : f64
  }
  return
}

// -----

func.func @map_c6_no_yield(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region must end in `attn.yield` of one f32 (C6)}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-note @+1 {{it ends here}}
    %y = math.exp %x : f32
  }
  return
}

// -----

func.func @map_c7(%a: !attn.matrix<3x5xf32>, %r: tensor<5xf32>) {
  // expected-error @+1 {{'attn.map' op `rows` has size 5 in dim 0, expected 3 (C7)}}
  %0 = attn.map %a rows(%r : tensor<5xf32>) : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c7_cols(%a: !attn.matrix<2x3x5xf32>, %c: tensor<5xf32>) {
  // expected-error @+1 {{'attn.map' op `cols` is 'tensor<5xf32>', expected an f32 tensor of rank 2 (C7)}}
  %0 = attn.map %a cols(%c : tensor<5xf32>) : (!attn.matrix<2x3x5xf32>) -> !attn.matrix<2x3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c7_heads(%a: !attn.matrix<2x3x5xf32>, %g: tensor<3xf32>) {
  // expected-error @+1 {{'attn.map' op `heads` has 3 elements, expected 2 (C7)}}
  %0 = attn.map %a heads(%g : tensor<3xf32>) : (!attn.matrix<2x3x5xf32>) -> !attn.matrix<2x3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_c7_type(%a: !attn.matrix<3x5xf32>, %r: tensor<3xi1>) {
  // expected-error @+1 {{'attn.map' op `rows` is 'tensor<3xi1>', expected an f32 tensor of rank 1 (C7)}}
  %0 = attn.map %a rows(%r : tensor<3xi1>) : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32, %y: f32):
    attn.yield %x : f32
  }
  return
}

// -----

func.func @map_empty(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op expects a non-empty block}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
  }
  return
}

// -----

func.func @map_no_block(%a: !attn.matrix<3x5xf32>) {
  // expected-error @+1 {{'attn.map' op region #0 ('body') failed to verify constraint: region with 1 blocks}}
  %0 = "attn.map"(%a) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0>}> ({
  }) : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32>
  return
}

// -----

// Values from outside come in as scalars.
func.func @map_isolated(%a: !attn.matrix<3x5xf32>, %s: f32) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = attn.map %a : (!attn.matrix<3x5xf32>) -> !attn.matrix<3x5xf32> {
  ^bb0(%x: f32):
    // expected-error @+1 {{using value defined outside the region}}
    %y = arith.mulf %x, %s : f32
    attn.yield %y : f32
  }
  return
}
