// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @scale
// CHECK: attn.scale %{{.*}} rows(%{{.*}} : tensor<?xf32>) cols(%{{.*}} : tensor<?xf32>) : <?x?xf32>
// CHECK-NEXT: attn.scale %{{.*}} scalar(%{{.*}}) : <?x?xf32>
// CHECK-NEXT: attn.scale %{{.*}} rows(%{{.*}} : tensor<3x4xf32>) cols(%{{.*}} : tensor<5x1xf32>) heads(%{{.*}} : tensor<4xf32>) scalar(%{{.*}}) : <4x3x5xf32>
// CHECK-NEXT: attn.scale %{{.*}} rows(%{{.*}} : tensor<1x3x?xf32>) heads(%{{.*}} : tensor<1xf32>) : <?x4x3x5xf32>
func.func @scale(%a: !attn.matrix<?x?xf32>, %h: !attn.matrix<4x3x5xf32>, %b: !attn.matrix<?x4x3x5xf32>,
    %r: tensor<?xf32>, %rh: tensor<3x4xf32>, %ch: tensor<5x1xf32>, %g: tensor<4xf32>, %one: tensor<1xf32>,
    %rb: tensor<1x3x?xf32>, %s: f32)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<4x3x5xf32>, !attn.matrix<?x4x3x5xf32>) {
  %0 = attn.scale %a rows(%r : tensor<?xf32>) cols(%r : tensor<?xf32>) : !attn.matrix<?x?xf32>
  %1 = attn.scale %a scalar(%s) : !attn.matrix<?x?xf32>
  %2 = attn.scale %h rows(%rh : tensor<3x4xf32>) cols(%ch : tensor<5x1xf32>) heads(%g : tensor<4xf32>) scalar(%s)
      : !attn.matrix<4x3x5xf32>
  %3 = attn.scale %b rows(%rb : tensor<1x3x?xf32>) heads(%one : tensor<1xf32>) : !attn.matrix<?x4x3x5xf32>
  return %0, %1, %2, %3 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<4x3x5xf32>, !attn.matrix<?x4x3x5xf32>
}

// -----

func.func @scale_c1(%a: !attn.matrix<?x?xf32>) {
  // expected-error @+1 {{'attn.scale' op must have at least one factor (C1)}}
  %0 = attn.scale %a : !attn.matrix<?x?xf32>
  return
}

// -----

func.func @scale_c2(%a: !attn.matrix<3x5xf32>, %r: tensor<5xf32>) {
  // expected-error @+1 {{'attn.scale' op `rows` has size 5 in dim 0, expected 3 (C2)}}
  %0 = attn.scale %a rows(%r : tensor<5xf32>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @scale_c2_cols(%a: !attn.matrix<3x5xf32>, %c: tensor<3xf32>) {
  // expected-error @+1 {{`cols` has size 3 in dim 0, expected 5 (C2)}}
  %0 = attn.scale %a cols(%c : tensor<3xf32>) : !attn.matrix<3x5xf32>
  return
}

// -----

// A vector with one element is no scalar.
func.func @scale_c2_one(%a: !attn.matrix<3x5xf32>, %r: tensor<1xf32>) {
  // expected-error @+1 {{`rows` has size 1 in dim 0, expected 3 (C2)}}
  %0 = attn.scale %a rows(%r : tensor<1xf32>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @scale_c2_rank(%a: !attn.matrix<2x3x5xf32>, %r: tensor<3xf32>) {
  // expected-error @+1 {{`rows` is 'tensor<3xf32>', expected an f32 tensor of rank 2 (C2)}}
  %0 = attn.scale %a rows(%r : tensor<3xf32>) : !attn.matrix<2x3x5xf32>
  return
}

// -----

func.func @scale_c2_type(%a: !attn.matrix<3x5xf32>, %c: tensor<5xi32>) {
  // expected-error @+1 {{`cols` is 'tensor<5xi32>', expected an f32 tensor of rank 1 (C2)}}
  %0 = attn.scale %a cols(%c : tensor<5xi32>) : !attn.matrix<3x5xf32>
  return
}

// -----

// The result has the heads of the input: a factor does not widen it.
func.func @scale_c2_widens(%a: !attn.matrix<1x3x5xf32>, %r: tensor<3x4xf32>) {
  // expected-error @+1 {{`rows` has size 4 in dim 1, expected 1 (C2)}}
  %0 = attn.scale %a rows(%r : tensor<3x4xf32>) : !attn.matrix<1x3x5xf32>
  return
}

// -----

func.func @scale_c2_heads(%a: !attn.matrix<2x3x5xf32>, %g: tensor<4xf32>) {
  // expected-error @+1 {{`heads` has 4 elements, expected 2 (C2)}}
  %0 = attn.scale %a heads(%g : tensor<4xf32>) : !attn.matrix<2x3x5xf32>
  return
}

// -----

func.func @scale_c2_no_heads(%a: !attn.matrix<3x5xf32>, %g: tensor<1xf32>) {
  // expected-error @+1 {{`heads` needs a matrix with heads, got rank 2 (C2)}}
  %0 = attn.scale %a heads(%g : tensor<1xf32>) : !attn.matrix<3x5xf32>
  return
}

// -----

func.func @scale_c2_heads_type(%a: !attn.matrix<2x3x5xf32>, %g: tensor<2x1xf32>) {
  // expected-error @+1 {{`heads` is 'tensor<2x1xf32>', expected an f32 tensor of rank 1 (C2)}}
  %0 = attn.scale %a heads(%g : tensor<2x1xf32>) : !attn.matrix<2x3x5xf32>
  return
}
