// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @map
// CHECK: nn.map %{{.*}} : (tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: math.rsqrt %[[X]] : f32
// CHECK-NEXT: attn.yield %{{.*}} : f32
// CHECK: nn.map %{{.*}}, %{{.*}} scalars(%{{.*}}) : (tensor<?xf32>, tensor<?xi32>) -> tensor<?xf32> {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i32, %{{.*}}: f32):
func.func @map(%x: tensor<?xf32>, %n: tensor<?xi32>, %s: f32) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = nn.map %x : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32):
    %r = math.rsqrt %a : f32
    attn.yield %r : f32
  }
  %1 = nn.map %x, %n scalars(%s) : (tensor<?xf32>, tensor<?xi32>) -> tensor<?xf32> {
  ^bb0(%a: f32, %i: i32, %c: f32):
    %f = arith.sitofp %i : i32 to f32
    %p = arith.mulf %a, %f : f32
    %q = arith.addf %p, %c : f32
    attn.yield %q : f32
  }
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// -----

func.func @map_c1(%s: f32) {
  // expected-error @+1 {{'nn.map' op has no input, expected at least one (C1)}}
  %0 = "nn.map"(%s) <{operandSegmentSizes = array<i32: 0, 1>}> ({
  ^bb0(%c: f32):
    attn.yield %c : f32
  }) : (f32) -> tensor<?xf32>
  return
}

// -----

// expected-note @+1 {{`input 0` comes from here}}
func.func @map_c2(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) {
  // expected-error @+1 {{input 1 has shape [?, 3], expected [?, 2] as input 0 has (C2)}}
  %0 = nn.map %x, %y : (tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x2xf32> {
  ^bb0(%a: f32, %b: f32):
    attn.yield %a : f32
  }
  return
}

// -----

func.func @map_c3(%x: tensor<?xf32>) {
  // expected-error @+1 {{region has 2 arguments, expected 1, one for each input and scalar (C3)}}
  %0 = nn.map %x : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32, %b: f32):
    attn.yield %a : f32
  }
  return
}

// -----

func.func @map_c3_type(%x: tensor<?xi32>) {
  // expected-error @+1 {{region argument 0 has type 'f32', expected 'i32' (C3)}}
  %0 = nn.map %x : (tensor<?xi32>) -> tensor<?xf32> {
  ^bb0(%a: f32):
    attn.yield %a : f32
  }
  return
}

// -----

func.func @map_c4(%x: tensor<?xf32>) {
  // expected-error @+1 {{region must hold only constants and elementwise ops (C4)}}
  %0 = nn.map %x : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32):
    // expected-note @+1 {{is neither}}
    %t = tensor.from_elements %a : tensor<1xf32>
    attn.yield %a : f32
  }
  return
}

// -----

func.func @map_c5(%x: tensor<?xf32>) {
  // expected-error @+1 {{region must end in `attn.yield` of one f32 (C5)}}
  %0 = nn.map %x : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32):
    // expected-note @+1 {{it ends here}}
    attn.yield %a, %a : f32, f32
  }
  return
}
