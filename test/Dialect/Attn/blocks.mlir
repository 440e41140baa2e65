// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @blocks
// CHECK: attn.blocks %{{.*}}, %{{.*}} size(%{{.*}}) : tensor<?xf32>, tensor<?xi64> -> <?x?xf32>
// CHECK-NEXT: attn.blocks %{{.*}}, %{{.*}} size(%{{.*}}) {num_classes = 511 : i64} : tensor<?xi64>, tensor<?xi64> -> <1x?x?xf32>
// CHECK-NEXT: attn.blocks %{{.*}}, %{{.*}} size(%{{.*}}) : tensor<13xi32>, tensor<3xi64> -> <1x1x5x5xf32>
// CHECK-NEXT: attn.blocks %{{.*}}, %{{.*}} starts(%{{.*}} : tensor<?xi64>) size(%{{.*}}) {num_classes = 511 : i64} : tensor<?xi8>, tensor<?xi64> -> <1x?x?xf32>
func.func @blocks(%f: tensor<?xf32>, %t: tensor<?xi64>, %s: tensor<13xi32>, %b: tensor<?xi8>, %off: tensor<?xi64>,
    %offs: tensor<3xi64>, %n: index)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<1x?x?xf32>, !attn.matrix<1x1x5x5xf32>, !attn.matrix<1x?x?xf32>) {
  %0 = attn.blocks %f, %off size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %1 = attn.blocks %t, %off size(%n) {num_classes = 511} : tensor<?xi64>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  %2 = attn.blocks %s, %offs size(%n) : tensor<13xi32>, tensor<3xi64> -> !attn.matrix<1x1x5x5xf32>
  %3 = attn.blocks %b, %off starts(%off : tensor<?xi64>) size(%n) {num_classes = 511}
      : tensor<?xi8>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  return %0, %1, %2, %3
      : !attn.matrix<?x?xf32>, !attn.matrix<1x?x?xf32>, !attn.matrix<1x1x5x5xf32>, !attn.matrix<1x?x?xf32>
}

// -----

func.func @blocks_c1(%t: tensor<?xi16>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{'attn.blocks' op `table` is 'tensor<?xi16>', expected i8, i32, i64 or f32 of rank 1 (C1)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xi16>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c1_rank(%t: tensor<2x3x3xf32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`table` is 'tensor<2x3x3xf32>', expected i8, i32, i64 or f32 of rank 1 (C1)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<2x3x3xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c1_unsigned(%t: tensor<?xui32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`table` is 'tensor<?xui32>', expected i8, i32, i64 or f32 of rank 1 (C1)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xui32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c2(%t: tensor<?xf32>, %off: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{`offsets` is 'tensor<?xi32>', expected i64 of rank 1 that is not empty (C2)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xf32>, tensor<?xi32> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c2_empty(%t: tensor<?xf32>, %off: tensor<0xi64>, %n: index) {
  // expected-error @+1 {{`offsets` is 'tensor<0xi64>', expected i64 of rank 1 that is not empty (C2)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xf32>, tensor<0xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c3(%t: tensor<?xi8>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`starts` comes with a table of i8, and only with that (C3)}}
  %0 = attn.blocks %t, %off size(%n) {num_classes = 511} : tensor<?xi8>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c3_wide(%t: tensor<?xi32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`starts` comes with a table of i8, and only with that (C3)}}
  %0 = attn.blocks %t, %off starts(%off : tensor<?xi64>) size(%n) : tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c3_type(%t: tensor<?xi8>, %off: tensor<?xi64>, %s: tensor<?xi32>, %n: index) {
  // expected-error @+1 {{`starts` is 'tensor<?xi32>', expected i64 of rank 1 that is not empty (C3)}}
  %0 = attn.blocks %t, %off starts(%s : tensor<?xi32>) size(%n) {num_classes = 511}
      : tensor<?xi8>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c4(%t: tensor<?xf32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{result is '!attn.matrix<2x?x?xf32>', expected a static 1 in heads and batch (C4)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<2x?x?xf32>
  return
}

// -----

func.func @blocks_c4_dynamic(%t: tensor<?xf32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{result is '!attn.matrix<?x1x?x?xf32>', expected a static 1 in heads and batch (C4)}}
  %0 = attn.blocks %t, %off size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x1x?x?xf32>
  return
}

// -----

func.func @blocks_c5(%t: tensor<?xi8>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{has a table of i8 without `num_classes` (C5)}}
  %0 = attn.blocks %t, %off starts(%off : tensor<?xi64>) size(%n) : tensor<?xi8>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c5_zero(%t: tensor<?xi32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`num_classes` is 0 with a table of 'i32', expected 1 to 65536 and whole numbers (C5)}}
  %0 = attn.blocks %t, %off size(%n) {num_classes = 0} : tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c5_real(%t: tensor<?xf32>, %off: tensor<?xi64>, %n: index) {
  // expected-error @+1 {{`num_classes` is 3 with a table of 'f32', expected 1 to 65536 and whole numbers (C5)}}
  %0 = attn.blocks %t, %off size(%n) {num_classes = 3} : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @blocks_c5_many(%t: tensor<?xi64>, %o: tensor<3xi64>, %n: index) {
  // expected-error @+1 {{`num_classes` is 65537 with a table of 'i64', expected 1 to 65536 and whole numbers (C5)}}
  %0 = attn.blocks %t, %o size(%n) {num_classes = 65537} : tensor<?xi64>, tensor<3xi64> -> !attn.matrix<?x?xf32>
  return
}
