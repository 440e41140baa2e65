// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @hops
// CHECK: attn.hops %{{.*}}, %{{.*}}, %{{.*}} : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> <?x?xf32>
// CHECK-NEXT: attn.hops %{{.*}}, %{{.*}}, %{{.*}} : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> <1x1x?x?xf32>
// CHECK-NEXT: attn.hops %{{.*}}, %{{.*}}, %{{.*}} : tensor<1xi64>, tensor<0xi32>, tensor<1xi64> -> <1x0x0xf32>
func.func @hops(%off: tensor<?xi64>, %col: tensor<?xi32>, %graphs: tensor<?xi64>, %o: tensor<1xi64>, %c: tensor<0xi32>)
    -> (!attn.matrix<?x?xf32>, !attn.matrix<1x1x?x?xf32>, !attn.matrix<1x0x0xf32>) {
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %1 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x1x?x?xf32>
  // No graph without a node.
  %2 = attn.hops %o, %c, %o : tensor<1xi64>, tensor<0xi32>, tensor<1xi64> -> !attn.matrix<1x0x0xf32>
  return %0, %1, %2 : !attn.matrix<?x?xf32>, !attn.matrix<1x1x?x?xf32>, !attn.matrix<1x0x0xf32>
}

// -----

func.func @hops_c1(%off: tensor<?xi32>, %col: tensor<?xi32>, %graphs: tensor<?xi64>) {
  // expected-error @+1 {{'attn.hops' op `offsets` is 'tensor<?xi32>', expected i64 of rank 1 that is not empty (C1)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi32>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @hops_c1_graphs(%off: tensor<?xi64>, %col: tensor<?xi32>, %graphs: tensor<2x?xi64>) {
  // expected-error @+1 {{`graph_offsets` is 'tensor<2x?xi64>', expected i64 of rank 1 that is not empty (C1)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<2x?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @hops_c1_empty(%off: tensor<?xi64>, %col: tensor<?xi32>, %graphs: tensor<0xi64>) {
  // expected-error @+1 {{`graph_offsets` is 'tensor<0xi64>', expected i64 of rank 1 that is not empty (C1)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<0xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @hops_c2(%off: tensor<?xi64>, %col: tensor<?xi64>, %graphs: tensor<?xi64>) {
  // expected-error @+1 {{`columns` is 'tensor<?xi64>', expected i32 of rank 1 (C2)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi64>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @hops_c2_rank(%off: tensor<?xi64>, %col: tensor<2x?xi32>, %graphs: tensor<?xi64>) {
  // expected-error @+1 {{`columns` is 'tensor<2x?xi32>', expected i32 of rank 1 (C2)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<2x?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  return
}

// -----

func.func @hops_c3(%off: tensor<?xi64>, %col: tensor<?xi32>, %graphs: tensor<?xi64>) {
  // expected-error @+1 {{result is '!attn.matrix<4x?x?xf32>', expected a static 1 in heads and batch (C3)}}
  %0 = attn.hops %off, %col, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<4x?x?xf32>
  return
}
