// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @adjacency
// CHECK: attn.adjacency %{{.*}}, %{{.*}} columns(%{{.*}}) : tensor<?xi64>, tensor<?xi32>
// CHECK-NEXT: attn.adjacency %{{.*}}, %{{.*}} values(%{{.*}}) columns(%{{.*}}) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
// CHECK-NEXT: attn.adjacency %{{.*}}, %{{.*}} values(%{{.*}}) columns(%{{.*}}) : tensor<4xi64>, tensor<9xi32>, tensor<9x2xf32>
// CHECK-NEXT: return {{.*}} : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<2x3x?xf32>
func.func @adjacency(%off: tensor<?xi64>, %col: tensor<?xi32>, %val: tensor<?xf32>, %n: index,
    %offs: tensor<4xi64>, %cols: tensor<9xi32>, %vals: tensor<9x2xf32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<2x3x?xf32>) {
  %0 = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %1 = attn.adjacency %off, %col values(%val) columns(%n) unique : tensor<?xi64>, tensor<?xi32>, tensor<?xf32>
  %2 = attn.adjacency %offs, %cols values(%vals) columns(%n) : tensor<4xi64>, tensor<9xi32>, tensor<9x2xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>, !attn.matrix<2x3x?xf32>
}

// -----

// A graph without nodes has one offset.
// CHECK-LABEL: func.func @empty
// CHECK: attn.adjacency
func.func @empty(%off: tensor<1xi64>, %col: tensor<0xi32>, %n: index) -> !attn.matrix<0x?xf32> {
  %0 = attn.adjacency %off, %col columns(%n) : tensor<1xi64>, tensor<0xi32>
  return %0 : !attn.matrix<0x?xf32>
}

// -----

func.func @adjacency_c1(%off: tensor<?xi32>, %col: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{'attn.adjacency' op `offsets` is 'tensor<?xi32>', expected i64 of rank 1 (C1)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<?xi32>, tensor<?xi32>
  return
}

// -----

func.func @adjacency_c1_rank(%off: tensor<i64>, %col: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{`offsets` is 'tensor<i64>', expected i64 of rank 1 (C1)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<i64>, tensor<?xi32>
  return
}

// -----

func.func @adjacency_c1_unsigned(%off: tensor<?xui64>, %col: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{`offsets` is 'tensor<?xui64>', expected i64 of rank 1 (C1)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<?xui64>, tensor<?xi32>
  return
}

// -----

func.func @adjacency_c1_empty(%off: tensor<0xi64>, %col: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{`offsets` is empty, expected one more element than rows (C1)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<0xi64>, tensor<?xi32>
  return
}

// -----

func.func @adjacency_c2(%off: tensor<?xi64>, %col: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`columns` is 'tensor<?xi64>', expected i32 of rank 1 (C2)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi64>
  return
}

// -----

func.func @adjacency_c2_rank(%off: tensor<?xi64>, %col: tensor<2x?xi32>, %n: index) {
  // expected-error @+1 {{`columns` is 'tensor<2x?xi32>', expected i32 of rank 1 (C2)}}
  %0 = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<2x?xi32>
  return
}

// -----

func.func @adjacency_c3(%off: tensor<?xi64>, %col: tensor<9xi32>, %val: tensor<8xf32>, %n: index) {
  // expected-error @+1 {{`values` has 8 edges, expected 9, the length of `columns` (C3)}}
  %0 = attn.adjacency %off, %col values(%val) columns(%n) : tensor<?xi64>, tensor<9xi32>, tensor<8xf32>
  return
}

// -----

func.func @adjacency_c3_type(%off: tensor<?xi64>, %col: tensor<9xi32>, %val: tensor<9xf64>, %n: index) {
  // expected-error @+1 {{`values` is 'tensor<9xf64>', expected f32 of rank 1 or 2 (C3)}}
  %0 = attn.adjacency %off, %col values(%val) columns(%n) : tensor<?xi64>, tensor<9xi32>, tensor<9xf64>
  return
}

// -----

func.func @adjacency_c3_rank(%off: tensor<?xi64>, %col: tensor<9xi32>, %val: tensor<f32>, %n: index) {
  // expected-error @+1 {{`values` is 'tensor<f32>', expected f32 of rank 1 or 2 (C3)}}
  %0 = attn.adjacency %off, %col values(%val) columns(%n) : tensor<?xi64>, tensor<9xi32>, tensor<f32>
  return
}
