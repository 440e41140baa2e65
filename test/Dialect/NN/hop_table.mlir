// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @hop_table
// CHECK: nn.hop_table %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : tensor<?xi8>) : tensor<?xi64>, tensor<?xi32>, tensor<?xi64>, tensor<?xi64> -> tensor<?xi8>
func.func @hop_table(%offsets: tensor<?xi64>, %columns: tensor<?xi32>, %graphs: tensor<?xi64>, %starts: tensor<?xi64>,
    %o: tensor<?xi8>) -> tensor<?xi8> {
  %0 = nn.hop_table %offsets, %columns, %graphs, %starts outs(%o : tensor<?xi8>)
      : tensor<?xi64>, tensor<?xi32>, tensor<?xi64>, tensor<?xi64> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

// -----

// CHECK-LABEL: func.func @buffers
// CHECK: nn.hop_table %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}} : memref<81xi8>) : memref<10xi64>, memref<20xi32>, memref<2xi64>, memref<2xi64>
func.func @buffers(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<2xi64>, %o: memref<81xi8>) {
  nn.hop_table %offsets, %columns, %graphs, %graphs outs(%o : memref<81xi8>)
      : memref<10xi64>, memref<20xi32>, memref<2xi64>, memref<2xi64>
  return
}

// -----

func.func @hop_table_c1(%offsets: memref<1x10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<81xi8>) {
  // expected-error @+1 {{'nn.hop_table' op `offsets` is 'memref<1x10xi64>', expected rank 1 (C1)}}
  nn.hop_table %offsets, %columns, %graphs, %graphs outs(%o : memref<81xi8>)
      : memref<1x10xi64>, memref<20xi32>, memref<3xi64>, memref<3xi64>
  return
}

// -----

func.func @hop_table_c1_columns(%offsets: memref<10xi64>, %columns: memref<20xi16>, %graphs: memref<3xi64>, %o: memref<81xi8>) {
  // expected-error @+1 {{`columns` has element type 'i16', expected 'i32' (C1)}}
  nn.hop_table %offsets, %columns, %graphs, %graphs outs(%o : memref<81xi8>)
      : memref<10xi64>, memref<20xi16>, memref<3xi64>, memref<3xi64>
  return
}

// -----

func.func @hop_table_c1_graphs(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi32>, %o: memref<81xi8>) {
  // expected-error @+1 {{`graph_offsets` has element type 'i32', expected 'i64' (C1)}}
  nn.hop_table %offsets, %columns, %graphs, %offsets outs(%o : memref<81xi8>)
      : memref<10xi64>, memref<20xi32>, memref<3xi32>, memref<10xi64>
  return
}

// -----

func.func @hop_table_c1_starts(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %starts: memref<3xi32>,
    %o: memref<81xi8>) {
  // expected-error @+1 {{`starts` has element type 'i32', expected 'i64' (C1)}}
  nn.hop_table %offsets, %columns, %graphs, %starts outs(%o : memref<81xi8>)
      : memref<10xi64>, memref<20xi32>, memref<3xi64>, memref<3xi32>
  return
}

// -----

func.func @hop_table_c2(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<9x9xi8>) {
  // expected-error @+1 {{`outs` is 'memref<9x9xi8>', expected rank 1 (C2)}}
  nn.hop_table %offsets, %columns, %graphs, %graphs outs(%o : memref<9x9xi8>)
      : memref<10xi64>, memref<20xi32>, memref<3xi64>, memref<3xi64>
  return
}

// -----

func.func @hop_table_c2_type(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %o: memref<81xi16>) {
  // expected-error @+1 {{`outs` has element type 'i16', expected 'i8' (C2)}}
  nn.hop_table %offsets, %columns, %graphs, %graphs outs(%o : memref<81xi16>)
      : memref<10xi64>, memref<20xi32>, memref<3xi64>, memref<3xi64>
  return
}

// -----

// expected-note @+1 {{`graph_offsets` comes from here}}
func.func @hop_table_c3(%offsets: memref<10xi64>, %columns: memref<20xi32>, %graphs: memref<3xi64>, %starts: memref<2xi64>,
    %o: memref<81xi8>) {
  // expected-error @+1 {{`starts` has length 2, expected 3, that of `graph_offsets` (C3)}}
  nn.hop_table %offsets, %columns, %graphs, %starts outs(%o : memref<81xi8>)
      : memref<10xi64>, memref<20xi32>, memref<3xi64>, memref<2xi64>
  return
}
