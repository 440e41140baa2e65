// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @stream
// CHECK: attn.stream size(%{{.*}}, %{{.*}}) lhs(%{{.*}} : tensor<?x4x6xf32>) rhs(%{{.*}} : tensor<?x1x6xf32>) rows(%{{.*}} : tensor<?x4xf32>) cols(%{{.*}} : tensor<?x4xf32>) heads(%{{.*}} : tensor<4xf32>) scalars(%{{.*}}) values(%{{.*}} : tensor<?x1x6xf32>) outs(%{{.*}}, %{{.*}} : tensor<?x4x6xf32>, tensor<?x4xf32>) -> tensor<?x4x6xf32>, tensor<?x4xf32> attributes {distance = array<i1: true>, elements = array<i64: 0, 1>, masked, sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
func.func @stream(%n: index, %q: tensor<?x4x6xf32>, %k: tensor<?x1x6xf32>, %r: tensor<?x4xf32>, %g: tensor<4xf32>,
    %s: f32) -> (tensor<?x4x6xf32>, tensor<?x4xf32>) {
  %0:2 = attn.stream size(%n, %n) lhs(%q : tensor<?x4x6xf32>) rhs(%k : tensor<?x1x6xf32>) rows(%r : tensor<?x4xf32>)
      cols(%r : tensor<?x4xf32>) heads(%g : tensor<4xf32>) scalars(%s) values(%k : tensor<?x1x6xf32>)
      outs(%q, %r : tensor<?x4x6xf32>, tensor<?x4xf32>) -> tensor<?x4x6xf32>, tensor<?x4xf32>
      attributes {distance = array<i1: true>, elements = array<i64: 0, 1>, masked,
                  sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index, %x: f32, %a: f32, %b: f32, %h: f32, %c: f32):
    %e = arith.mulf %x, %a : f32
    %keep = arith.cmpi sle, %j, %i : index
    attn.yield %e, %c, %keep : f32, f32, i1
  }
  return %0#0, %0#1 : tensor<?x4x6xf32>, tensor<?x4xf32>
}

// -----

// Edges and segments; buffers are written in place; every sink.
// CHECK-LABEL: func.func @buffers
// CHECK: attn.stream csr(%{{.*}}, %{{.*}} : memref<?xi64>, memref<?xi32>) size(%{{.*}}, %{{.*}}) edges(%{{.*}} : memref<?x1xf32>) values(%{{.*}} : memref<?x1x6xf32>) outs(%{{.*}} : memref<?x1x6xf32>) attributes {{.*}}scatter, sinks = [#attn<sink apply>]
// CHECK: attn.stream segments(%{{.*}} : memref<?xi64>) size(%{{.*}}, %{{.*}}) values(%{{.*}} : memref<?x1x6xf32>) outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<?x1x6xf32>, memref<?x1xf32>, memref<1x?x?xf32>) attributes {{.*}}sinks = [#attn<sink softmax>, #attn<sink row_max>, #attn<sink materialize>]
func.func @buffers(%n: index, %off: memref<?xi64>, %col: memref<?xi32>, %w: memref<?x1xf32>, %v: memref<?x1x6xf32>,
    %o: memref<?x1x6xf32>, %m: memref<?x1xf32>, %t: memref<1x?x?xf32>) {
  attn.stream csr(%off, %col : memref<?xi64>, memref<?xi32>) size(%n, %n) edges(%w : memref<?x1xf32>)
      values(%v : memref<?x1x6xf32>) outs(%o : memref<?x1x6xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0>, scatter, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %e: f32):
    attn.yield %e : f32
  }
  attn.stream segments(%off : memref<?xi64>) size(%n, %n) values(%v : memref<?x1x6xf32>)
      outs(%o, %m, %t : memref<?x1x6xf32>, memref<?x1xf32>, memref<1x?x?xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0, 0, 0>,
                  sinks = [#attn<sink softmax>, #attn<sink row_max>, #attn<sink materialize>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

// A table of blocks inside segments: its entry, then what each lookup holds there, behind all other arguments.
// CHECK-LABEL: func.func @blocks
// CHECK: attn.stream segments(%{{.*}} : tensor<?xi64>) size(%{{.*}}, %{{.*}}) lhs(%{{.*}} : tensor<?x4x6xf32>) rhs(%{{.*}} : tensor<?x4x6xf32>) blocks(%{{.*}}, %{{.*}} : tensor<?xi8>, tensor<?xi64>) lookups(%{{.*}}, %{{.*}} : tensor<4x511xf32>, tensor<1x511xf32>) values(%{{.*}} : tensor<?x4x6xf32>) outs(%{{.*}} : tensor<?x4x6xf32>) -> tensor<?x4x6xf32> attributes
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK: attn.stream segments(%{{.*}} : memref<?xi64>) size(%{{.*}}, %{{.*}}) blocks(%{{.*}}, %{{.*}} : memref<?xf32>, memref<?xi64>) values(%{{.*}} : memref<?x1x6xf32>) outs(%{{.*}} : memref<?x1x6xf32>) attributes
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: f32):
func.func @blocks(%n: index, %q: tensor<?x4x6xf32>, %s: tensor<?xi64>, %b: tensor<?xi8>, %l: tensor<4x511xf32>,
    %k: tensor<1x511xf32>, %off: memref<?xi64>, %t: memref<?xf32>, %o: memref<?x1x6xf32>) -> tensor<?x4x6xf32> {
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) lhs(%q : tensor<?x4x6xf32>) rhs(%q : tensor<?x4x6xf32>)
      blocks(%b, %s : tensor<?xi8>, tensor<?xi64>) lookups(%l, %k : tensor<4x511xf32>, tensor<1x511xf32>)
      values(%q : tensor<?x4x6xf32>) outs(%q : tensor<?x4x6xf32>) -> tensor<?x4x6xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink softmax>]} {
  ^bb0(%i: index, %j: index, %x: f32, %h: f32, %c: f32, %d: f32):
    %e = arith.mulf %x, %c : f32
    attn.yield %e : f32
  }
  attn.stream segments(%off : memref<?xi64>) size(%n, %n) blocks(%t, %off : memref<?xf32>, memref<?xi64>)
      values(%o : memref<?x1x6xf32>) outs(%o : memref<?x1x6xf32>)
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    attn.yield %h : f32
  }
  return %0 : tensor<?x4x6xf32>
}

// -----

// Only columns i - 2 .. i + 1, or those up to i.
// CHECK-LABEL: func.func @band
// CHECK: attn.stream size(%{{.*}}, %{{.*}}) values({{.*}} attributes {band = array<i64: 2, 1>, distance = array<i1>
// CHECK: attn.stream segments({{.*}} attributes {band = array<i64: -1, 0>, distance = array<i1>
func.func @band(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>) -> (tensor<?x1x6xf32>, tensor<?x1x6xf32>) {
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {band = array<i64: 2, 1>, distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  %1 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {band = array<i64: -1, 0>, distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return %0, %1 : tensor<?x1x6xf32>, tensor<?x1x6xf32>
}

// -----

func.func @stream_c1(%n: index, %o: tensor<?x1x6xf32>, %off: tensor<?xi64>, %col: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op visits either segments or the edges of one CSR matrix (C1)}}
  %0 = attn.stream segments(%off : tensor<?xi64>) csr(%off, %col : tensor<?xi64>, tensor<?xi32>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c2(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op has 1 lhs, 0 rhs and 1 distance flags, expected equal counts (C2)}}
  %0 = attn.stream size(%n, %n) lhs(%o : tensor<?x1x6xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1: true>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c2_flags(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op has 1 lhs, 1 rhs and 0 distance flags, expected equal counts (C2)}}
  %0 = attn.stream size(%n, %n) lhs(%o : tensor<?x1x6xf32>) rhs(%o : tensor<?x1x6xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c3(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op has 1 outs, 2 sinks and 1 entry numbers, expected equal counts (C3)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c3_values(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op has 0 values, expected 1, one for each apply and softmax sink (C3)}}
  %0 = attn.stream size(%n, %n)  outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c3_entry(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op entry number 1 must be at least 0 and below 1 (C3)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 1>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c3_negative(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op entry number -1 must be at least 0 and below 1 (C3)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: -1>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c4(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region has 1 arguments, expected 2 (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c4_type(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region argument 1 is 'f32', expected index (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c4_element(%n: index, %o: tensor<?x1x6xf32>, %g: tensor<1xf64>) {
  // expected-error @+1 {{'attn.stream' op region argument 2 is 'f64', expected f32 (C4)}}
  %0 = attn.stream size(%n, %n) heads(%g : tensor<1xf64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f64):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c4_none(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must yield at least one entry (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    attn.yield
  }
  return
}

// -----

func.func @stream_c4_only_mask(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must yield at least one entry (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, masked, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant true
    attn.yield %e : i1
  }
  return
}

// -----

func.func @stream_c4_no_mask(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must yield at least one entry (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, masked, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    attn.yield
  }
  return
}

// -----

func.func @stream_c4_mask(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must yield an i1 last where `masked` (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, masked, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e, %e : f32, f32
  }
  return
}

// -----

func.func @stream_c4_entry(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must yield f32 entries (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f64
    attn.yield %e : f64
  }
  return
}

// -----

func.func @stream_c4_no_yield(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must end in `attn.yield` (C4)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    // expected-note @+1 {{it ends here}}
    %e = arith.constant 1.0 : f32
  }
  return
}

// -----

func.func @stream_c5(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<?x6xf32>) {
  // expected-error @+1 {{'attn.stream' op `lhs` is 'tensor<?x6xf32>', expected a tensor or memref of rank 3 (C5)}}
  %0 = attn.stream size(%n, %n) lhs(%q : tensor<?x6xf32>) rhs(%o : tensor<?x1x6xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_values(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<f32>) {
  // expected-error @+1 {{'attn.stream' op `values` is 'tensor<f32>', expected a tensor or memref of rank 3 (C5)}}
  %0 = attn.stream size(%n, %n) values(%q : tensor<f32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_batch(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<2x?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op `values` is 'tensor<2x?x1x6xf32>', expected a tensor or memref of rank 3 (C5)}}
  %0 = attn.stream size(%n, %n) values(%q : tensor<2x?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_outs(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<?xf32>) {
  // expected-error @+1 {{'attn.stream' op `outs` is 'tensor<?xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0 = attn.stream size(%n, %n)  outs(%q : tensor<?xf32>) -> tensor<?xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_second(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op `outs` is 'tensor<?x1x6xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0:2 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o, %o : tensor<?x1x6xf32>, tensor<?x1x6xf32>) -> tensor<?x1x6xf32>, tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0, 0>, sinks = [#attn<sink apply>, #attn<sink row_max>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_rows(%n: index, %o: tensor<?x1x6xf32>, %r: tensor<?xf32>) {
  // expected-error @+1 {{'attn.stream' op `rows` is 'tensor<?xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0 = attn.stream size(%n, %n) rows(%r : tensor<?xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_cols(%n: index, %o: tensor<?x1x6xf32>, %r: tensor<?xf32>) {
  // expected-error @+1 {{'attn.stream' op `cols` is 'tensor<?xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0 = attn.stream size(%n, %n) cols(%r : tensor<?xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_heads(%n: index, %o: tensor<?x1x6xf32>, %r: tensor<1x1xf32>) {
  // expected-error @+1 {{'attn.stream' op `heads` is 'tensor<1x1xf32>', expected a tensor or memref of rank 1 (C5)}}
  %0 = attn.stream size(%n, %n) heads(%r : tensor<1x1xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_edges(%n: index, %o: tensor<?x1x6xf32>, %off: tensor<?xi64>, %col: tensor<?xi32>, %w: tensor<?xf32>) {
  // expected-error @+1 {{'attn.stream' op `edges` is 'tensor<?xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0 = attn.stream csr(%off, %col : tensor<?xi64>, tensor<?xi32>) size(%n, %n) edges(%w : tensor<?xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_segments(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<1x?xi64>) {
  // expected-error @+1 {{'attn.stream' op `segments` is 'tensor<1x?xi64>', expected a tensor or memref of rank 1 (C5)}}
  %0 = attn.stream segments(%s : tensor<1x?xi64>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_unranked(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<*xf32>) {
  // expected-error @+1 {{'attn.stream' op `values` is 'tensor<*xf32>', expected a tensor or memref of rank 3 (C5)}}
  %0 = attn.stream size(%n, %n) values(%q : tensor<*xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c5_matrix(%n: index, %o: tensor<?x1x6xf32>, %q: !attn.matrix<2x3x4xf32>) {
  // expected-error @+1 {{'attn.stream' op `values` is '!attn.matrix<2x3x4xf32>', expected a tensor or memref of rank 3 (C5)}}
  %0 = attn.stream size(%n, %n) values(%q : !attn.matrix<2x3x4xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c6(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op region must hold only constants and elementwise ops (C6)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    // expected-note @+1 {{`tensor.empty` is neither}}
    %t = tensor.empty() : tensor<2xf32>
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c7(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op `edges` and `scatter` need `csr` (C7)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, scatter, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c7_edges(%n: index, %o: tensor<?x1x6xf32>, %w: tensor<?x1xf32>) {
  // expected-error @+1 {{'attn.stream' op `edges` and `scatter` need `csr` (C7)}}
  %0 = attn.stream size(%n, %n) edges(%w : tensor<?x1xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c7_sink(%n: index, %o: tensor<?x1x6xf32>, %off: tensor<?xi64>, %col: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op sink 0 is `softmax`, expected apply or row_sum with scatter (C7)}}
  %0 = attn.stream csr(%off, %col : tensor<?xi64>, tensor<?xi32>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, scatter, sinks = [#attn<sink softmax>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c8(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<?x1x6xf64>) {
  // expected-error @+1 {{'attn.stream' op `lhs` is 'tensor<?x1x6xf64>', expected 'f32' elements (C8)}}
  %0 = attn.stream size(%n, %n) lhs(%q : tensor<?x1x6xf64>) rhs(%q : tensor<?x1x6xf64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c8_segments(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op `segments` is 'tensor<?xi32>', expected 'i64' elements (C8)}}
  %0 = attn.stream segments(%s : tensor<?xi32>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c8_csr(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>) {
  // expected-error @+1 {{'attn.stream' op `csr` is 'tensor<?xi64>', expected 'i32' elements (C8)}}
  %0 = attn.stream csr(%s, %s : tensor<?xi64>, tensor<?xi64>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c9(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<?x1x5xf32>) {
  // expected-error @+1 {{'attn.stream' op `rhs` has width 5, expected 6, that of its `lhs` (C9)}}
  %0 = attn.stream size(%n, %n) lhs(%o : tensor<?x1x6xf32>) rhs(%q : tensor<?x1x5xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c9_values(%n: index, %o: tensor<?x1x6xf32>, %q: tensor<?x1x5xf32>) {
  // expected-error @+1 {{'attn.stream' op out 0 has width 6, expected 5, that of its `values` (C9)}}
  %0 = attn.stream size(%n, %n) values(%q : tensor<?x1x5xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xf32>) {
  // expected-error @+1 {{'attn.stream' op `blocks` takes a table and its starts, and needs `segments` (C10)}}
  %0 = attn.stream size(%n, %n) blocks(%t, %s : tensor<?xf32>, tensor<?xi64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_csr(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %c: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op `blocks` takes a table and its starts, and needs `segments` (C10)}}
  %0 = attn.stream csr(%s, %c : tensor<?xi64>, tensor<?xi32>) size(%n, %n) blocks(%c, %s : tensor<?xi32>, tensor<?xi64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_lookups(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %l: tensor<1x3xf32>) {
  // expected-error @+1 {{'attn.stream' op `lookups` need `blocks` (C10)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) lookups(%l : tensor<1x3xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %c: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_element(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xf16>) {
  // expected-error @+1 {{'attn.stream' op `blocks` has 'f16' elements, expected i8, i32, i64 or f32 (C10)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %s : tensor<?xf16>, tensor<?xi64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_real(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xf32>, %l: tensor<1x3xf32>) {
  // expected-error @+1 {{'attn.stream' op `lookups` need a table of integers (C10)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %s : tensor<?xf32>, tensor<?xi64>) lookups(%l : tensor<1x3xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32, %c: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_rank(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<1x?xf32>) {
  // expected-error @+1 {{'attn.stream' op `blocks` is 'tensor<1x?xf32>', expected a tensor or memref of rank 1 (C5)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %s : tensor<1x?xf32>, tensor<?xi64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_starts(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op `blocks` is 'tensor<?xi32>', expected 'i64' elements (C8)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %t : tensor<?xi32>, tensor<?xi32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c10_lookup_rank(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xi32>, %l: tensor<3xf32>) {
  // expected-error @+1 {{'attn.stream' op `lookups` is 'tensor<3xf32>', expected a tensor or memref of rank 2 (C5)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %s : tensor<?xi32>, tensor<?xi64>) lookups(%l : tensor<3xf32>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index, %h: f32, %c: f32):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c4_blocks(%n: index, %o: tensor<?x1x6xf32>, %s: tensor<?xi64>, %t: tensor<?xi32>) {
  // expected-error @+1 {{'attn.stream' op region has 2 arguments, expected 3 (C4)}}
  %0 = attn.stream segments(%s : tensor<?xi64>) size(%n, %n) blocks(%t, %s : tensor<?xi32>, tensor<?xi64>) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c11(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{'attn.stream' op `band` is [0, -2], expected two numbers of at least -1, and no `csr` (C11)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {band = array<i64: 0, -2>, distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c11_count(%n: index, %o: tensor<?x1x6xf32>) {
  // expected-error @+1 {{`band` is [3], expected two numbers of at least -1, and no `csr` (C11)}}
  %0 = attn.stream size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {band = array<i64: 3>, distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c11_csr(%n: index, %o: tensor<?x1x6xf32>, %off: tensor<?xi64>, %col: tensor<?xi32>) {
  // expected-error @+1 {{`band` is [1, 1], expected two numbers of at least -1, and no `csr` (C11)}}
  %0 = attn.stream csr(%off, %col : tensor<?xi64>, tensor<?xi32>) size(%n, %n) values(%o : tensor<?x1x6xf32>) outs(%o : tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
      attributes {band = array<i64: 1, 1>, distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c12_heads(%n: index, %v: tensor<?x8x4xf32>, %o: tensor<?x8x4xf32>, %s: tensor<?x1xf32>) {
  // expected-error @+1 {{'attn.stream' op out 1 has heads 1, expected 8, that of its `values` (C12)}}
  %0:2 = attn.stream size(%n, %n) values(%v : tensor<?x8x4xf32>) outs(%o, %s : tensor<?x8x4xf32>, tensor<?x1xf32>) -> tensor<?x8x4xf32>, tensor<?x1xf32>
      attributes {distance = array<i1>, elements = array<i64: 0, 0>, sinks = [#attn<sink apply>, #attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c12_dynamic(%n: index, %q: tensor<?x?x4xf32>, %s: tensor<?x1xf32>) {
  // expected-error @+1 {{'attn.stream' op out 0 has heads 1, expected ?, that of its `lhs` (C12)}}
  %0 = attn.stream size(%n, %n) lhs(%q : tensor<?x?x4xf32>) rhs(%q : tensor<?x?x4xf32>) outs(%s : tensor<?x1xf32>) -> tensor<?x1xf32>
      attributes {distance = array<i1: false>, elements = array<i64: 0>, sinks = [#attn<sink row_sum>]} {
  ^bb0(%i: index, %j: index, %d: f32):
    attn.yield %d : f32
  }
  return
}

// -----

func.func @stream_c12_batch(%n: index, %v: tensor<2x?x1x4xf32>, %o: tensor<1x?x1x4xf32>) {
  // expected-error @+1 {{'attn.stream' op out 0 has batch 1, expected 2, that of its `values` (C12)}}
  %0 = attn.stream size(%n, %n) values(%v : tensor<2x?x1x4xf32>) outs(%o : tensor<1x?x1x4xf32>) -> tensor<1x?x1x4xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %e = arith.constant 1.0 : f32
    attn.yield %e : f32
  }
  return
}

// -----

func.func @stream_c12_materialize(%n: index, %h: tensor<3xf32>, %o: tensor<2x4x4xf32>) {
  // expected-error @+1 {{'attn.stream' op out 0 has heads 2, expected 3, that of its `heads` (C12)}}
  %0 = attn.stream size(%n, %n) heads(%h : tensor<3xf32>) outs(%o : tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink materialize>]} {
  ^bb0(%i: index, %j: index, %x: f32):
    attn.yield %x : f32
  }
  return
}
