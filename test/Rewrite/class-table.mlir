// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-decompose,attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-decompose,attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-decompose,attune-linearize-sinks{disable=class-table}),canonicalize,cse)' | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-decompose,attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-decompose,attune-linearize-sinks)' --seed=5 | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-decompose,attune-linearize-sinks{disable=class-table})' | FileCheck %s --check-prefix=MEANING

// What follows from the class (here: hops) and from the head is computed once for each of the 511
// classes and each head; the pairs look it up.
// MEANING: ok @decay
// CHECK-LABEL: func.func @decay
// CHECK:         nn.hop_layout
// CHECK:         nn.hop_table
// CHECK:         %[[TABLE:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<2x511xf32>)
// CHECK:           math.powf
// CHECK:         attn.stream segments({{.*}} blocks({{.*}} lookups(%[[TABLE]] : tensor<2x511xf32>)
// CHECK-NOT:       math.powf
// CHECK:         return
// REMARK:        [Passed] class-table {{.*}}Function=decay
// DISABLED-LABEL: func.func @decay
// DISABLED:      attn.stream
// DISABLED-NOT:  lookups
// DISABLED:        math.powf
func.func @decay(%q: tensor<?x2x8xf32> {attune.dims = ["N", "", ""]},
                 %edges: tensor<2x?xi64> {attune.dims = ["", "E"], attune.below = "N"},
                 %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                 %hop: tensor<2xf32>) -> tensor<?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c0 : tensor<?x2x8xf32>
  %m = arith.addi %n, %c1 : index
  %e = tensor.dim %edges, %c1 : tensor<2x?xi64>
  %o0 = tensor.empty(%m) : tensor<?xi64>
  %o1 = tensor.empty(%e) : tensor<?xi32>
  %o2 = tensor.empty(%e) : tensor<?xi32>
  %csr:3 = nn.csr %edges outs(%o0, %o1, %o2 : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %hops = attn.hops %csr#0, %csr#1, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  %s = attn.dot %q, %q : tensor<?x2x8xf32>, tensor<?x2x8xf32>
  %a = attn.map %s, %hops heads(%hop : tensor<2xf32>) : (!attn.matrix<2x?x?xf32>, !attn.matrix<1x?x?xf32>) -> !attn.matrix<2x?x?xf32> {
  ^bb0(%x: f32, %h: f32, %hh: f32):
    %gamma = arith.constant 0.6 : f32
    %far = arith.subf %h, %hh : f32
    %decay = math.powf %gamma, %far : f32
    %y = arith.mulf %x, %decay : f32
    attn.yield %y : f32
  }
  %p = attn.softmax %a : !attn.matrix<2x?x?xf32>
  %r = attn.apply %p, %q : !attn.matrix<2x?x?xf32>, tensor<?x2x8xf32>
  return %r : tensor<?x2x8xf32>
}

// A comparison is no number: the selection that uses it is done for each pair.
// MEANING: ok @compared
// CHECK-LABEL: func.func @compared
// CHECK:         attn.stream
// CHECK-NOT:     lookups
// CHECK:           arith.cmpf
// CHECK:           arith.select
func.func @compared(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                    %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                    %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x8xf32> {
  %hops = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.map %s, %hops : (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %h: f32):
    %two = arith.constant 2.0 : f32
    %near = arith.cmpf ole, %h, %two : f32
    %y = arith.select %near, %x, %two : f32
    attn.yield %y : f32
  }
  %r = attn.apply %a, %q : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// Must not fire: a table of numbers that are no classes.
// CHECK-LABEL: func.func @numbers
// CHECK:         attn.stream segments({{.*}} blocks({{.*}} : tensor<13xf32>, tensor<3xi64>)
// CHECK-NOT:     lookups
// CHECK:           math.exp
// MEANING: ok @numbers
func.func @numbers(%q: tensor<5x8xf32>, %table: tensor<13xf32>) -> tensor<5x8xf32> {
  %offsets = arith.constant dense<[0, 2, 5]> : tensor<3xi64>
  %n = arith.constant 5 : index
  %t = attn.blocks %table, %offsets size(%n) : tensor<13xf32>, tensor<3xi64> -> !attn.matrix<5x5xf32>
  %s = attn.dot %q, %q : tensor<5x8xf32>, tensor<5x8xf32>
  %a = attn.map %s, %t : (!attn.matrix<5x5xf32>, !attn.matrix<5x5xf32>) -> !attn.matrix<5x5xf32> {
  ^bb0(%x: f32, %h: f32):
    %e = math.exp %h : f32
    %y = arith.mulf %x, %e : f32
    attn.yield %y : f32
  }
  %r = attn.apply %a, %q : !attn.matrix<5x5xf32>, tensor<5x8xf32>
  return %r : tensor<5x8xf32>
}

// A table that the caller gives; its made-up length follows from the segments.
// MEANING: ok @given
// CHECK-LABEL: func.func @given
// CHECK:         attn.stream segments({{.*}} blocks({{.*}} lookups(
func.func @given(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                 %classes: tensor<?xi64> {attune.name = "classes", attune.dims = ["P"], attune.below = "7", attune.pairs_of = "graphs"},
                 %graphs: tensor<?xi64> {attune.name = "graphs", attune.dims = ["G+1"], attune.offsets_of = "N"}) -> (tensor<?x8xf32> {attune.name = "y"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %t = attn.blocks %classes, %graphs size(%n) {num_classes = 7} : tensor<?xi64>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.map %s, %t : (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %h: f32):
    %e = math.exp %h : f32
    %y = arith.mulf %x, %e : f32
    attn.yield %y : f32
  }
  %r = attn.apply %a, %q : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
