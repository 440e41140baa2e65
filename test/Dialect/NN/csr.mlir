// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @csr
// CHECK: nn.csr %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
func.func @csr(%list: tensor<2x?xi64>, %o: tensor<?xi64>, %c: tensor<?xi32>, %e: tensor<?xi32>)
    -> (tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) {
  %r:3 = nn.csr %list outs(%o, %c, %e : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  return %r#0, %r#1, %r#2 : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
}

// -----

// CHECK-LABEL: func.func @buffers
// CHECK: nn.csr %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<5xi64>, memref<9xi32>, memref<9xi32>) drop_self_loops : memref<2x9xi64>
func.func @buffers(%list: memref<2x9xi64>, %o: memref<5xi64>, %c: memref<9xi32>, %e: memref<9xi32>) {
  nn.csr %list outs(%o, %c, %e : memref<5xi64>, memref<9xi32>, memref<9xi32>) drop_self_loops : memref<2x9xi64>
  return
}

// -----

// Rows are sources and columns targets.
// CHECK-LABEL: func.func @by_source
// CHECK: nn.csr %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<5xi64>, memref<9xi32>, memref<9xi32>) by_source : memref<2x9xi64>
// CHECK: nn.csr %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) drop_self_loops by_source : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
func.func @by_source(%list: memref<2x9xi64>, %o: memref<5xi64>, %c: memref<9xi32>, %e: memref<9xi32>,
    %edges: tensor<2x?xi64>, %off: tensor<?xi64>, %col: tensor<?xi32>) -> tensor<?xi32> {
  nn.csr %list outs(%o, %c, %e : memref<5xi64>, memref<9xi32>, memref<9xi32>) by_source : memref<2x9xi64>
  %r:3 = nn.csr %edges outs(%off, %col, %col : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) drop_self_loops by_source
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  return %r#1 : tensor<?xi32>
}

// -----

func.func @csr_c1(%list: memref<2x9xi32>, %o: memref<5xi64>, %c: memref<9xi32>) {
  // expected-error @+1 {{`edge_index` has element type 'i32', expected i64 (C1)}}
  nn.csr %list outs(%o, %c, %c : memref<5xi64>, memref<9xi32>, memref<9xi32>) : memref<2x9xi32>
  return
}

// -----

func.func @csr_c1_shape(%list: memref<9x2xi64>, %o: memref<5xi64>, %c: memref<9xi32>) {
  // expected-error @+1 {{`edge_index` has shape [9, 2], expected [2, E] (C1)}}
  nn.csr %list outs(%o, %c, %c : memref<5xi64>, memref<9xi32>, memref<9xi32>) : memref<9x2xi64>
  return
}

// -----

// expected-note @+1 {{`edge_index` comes from here}}
func.func @csr_c2(%list: memref<2x9xi64>, %o: memref<5xi64>, %c: memref<8xi32>) {
  // expected-error @+1 {{`columns` has length 8, expected 9, the number of edges (C2)}}
  nn.csr %list outs(%o, %c, %c : memref<5xi64>, memref<8xi32>, memref<8xi32>) : memref<2x9xi64>
  return
}

// -----

func.func @csr_c2_type(%list: memref<2x9xi64>, %o: memref<5xi32>, %c: memref<9xi32>) {
  // expected-error @+1 {{`offsets` has element type 'i32', expected i64 (C2)}}
  nn.csr %list outs(%o, %c, %c : memref<5xi32>, memref<9xi32>, memref<9xi32>) : memref<2x9xi64>
  return
}

// -----

func.func @csr_c2_empty(%list: memref<2x9xi64>, %o: memref<0xi64>, %c: memref<9xi32>) {
  // expected-error @+1 {{`offsets` has length 0, expected N + 1 (C2)}}
  nn.csr %list outs(%o, %c, %c : memref<0xi64>, memref<9xi32>, memref<9xi32>) : memref<2x9xi64>
  return
}
