// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @hop_layout
// CHECK: nn.hop_layout %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<?xi64>) : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> tensor<?xi64>
func.func @hop_layout(%offsets: tensor<?xi64>, %columns: tensor<?xi32>, %graphs: tensor<?xi64>, %o: tensor<?xi64>)
    -> tensor<?xi64> {
  %0 = nn.hop_layout %offsets, %columns, %graphs outs(%o : tensor<?xi64>)
      : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> tensor<?xi64>
  return %0 : tensor<?xi64>
}

// -----

// CHECK-LABEL: func.func @buffers
// CHECK: nn.hop_layout %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : memref<3xi64>) : memref<10xi64>, memref<20xi32>, memref<3xi64>
func.func @buffers(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<3xi64>) {
  nn.hop_layout %offsets, %columns, %graphs outs(%o : memref<3xi64>) : memref<10xi64>, memref<20xi32>, memref<3xi64>
  return
}

// -----

func.func @hop_layout_c1(%offsets: memref<10xi32>, %columns: memref<20xi32>, %graphs: memref<3xi64>) {
  // expected-error @+1 {{'nn.hop_layout' op `offsets` has element type 'i32', expected 'i64' (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%graphs : memref<3xi64>) : memref<10xi32>, memref<20xi32>, memref<3xi64>
  return
}

// -----

func.func @hop_layout_c1_columns(%offsets: memref<10xi64>, %columns: memref<20xi64>, %graphs: memref<3xi64>) {
  // expected-error @+1 {{`columns` has element type 'i64', expected 'i32' (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%graphs : memref<3xi64>) : memref<10xi64>, memref<20xi64>, memref<3xi64>
  return
}

// -----

func.func @hop_layout_c1_graphs(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<1x3xi64>) {
  // expected-error @+1 {{`graph_offsets` is 'memref<1x3xi64>', expected rank 1 (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%offsets : memref<10xi64>) : memref<10xi64>, memref<20xi32>, memref<1x3xi64>
  return
}

// -----

func.func @hop_layout_c1_outs(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<3xi32>) {
  // expected-error @+1 {{`outs` has element type 'i32', expected 'i64' (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%o : memref<3xi32>) : memref<10xi64>, memref<20xi32>, memref<3xi64>
  return
}

// -----

// expected-note @+1 {{`graph_offsets` comes from here}}
func.func @hop_layout_c2(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<2xi64>) {
  // expected-error @+1 {{`outs` has length 2, expected 3, that of `graph_offsets` (C2)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%o : memref<2xi64>) : memref<10xi64>, memref<20xi32>, memref<3xi64>
  return
}

// -----

func.func @hop_layout_c1_empty(%offsets: memref<0xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<3xi64>) {
  // expected-error @+1 {{`offsets` has length 0, expected one more than what it divides (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%o : memref<3xi64>) : memref<0xi64>, memref<20xi32>, memref<3xi64>
  return
}

// -----

func.func @hop_layout_c1_mixed(%offsets: memref<10xi64>, %columns: tensor<20xi32>, %graphs: memref<3xi64>, %o: memref<3xi64>) {
  // expected-error @+1 {{operands must be ranked tensors only, or memrefs only (C1)}}
  nn.hop_layout %offsets, %columns, %graphs outs(%o : memref<3xi64>) : memref<10xi64>, tensor<20xi32>, memref<3xi64>
  return
}
