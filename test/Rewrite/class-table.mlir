// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-simplify,attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-simplify,attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-simplify,attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-simplify,attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-simplify,attune-linearize-sinks{disable=class-table}))' | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-simplify,attune-linearize-sinks{disable=class-table})' | FileCheck %s --check-prefix=MEANING

// The decay of each class and head is computed once; a pair looks it up.
// MEANING: ok @decay
// CHECK-LABEL: func.func @decay
// CHECK:         %[[TABLE:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<2xf32>) outs(%{{.*}} : tensor<2x511xf32>)
// CHECK:           math.powf
// CHECK:         attn.stream segments({{.*}} blocks({{.*}} : tensor<?xi8>, tensor<?xi64>) lookups(%[[TABLE]] : tensor<2x511xf32>)
// CHECK-NOT:       math.powf
// CHECK:           arith.mulf
// CHECK-NEXT:      attn.yield
// REMARK:        [Passed] class-table {{.*}}Function=decay
// DISABLED-LABEL: func.func @decay
// DISABLED:      attn.stream
// DISABLED-NOT:  lookups
// DISABLED:      math.powf
func.func @decay(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                 %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                 %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                 %q: tensor<?x2x3xf32> {attune.dims = ["N", "", ""]}, %hop: tensor<2xf32>) -> tensor<?x2x3xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x?x?xf32>
  %s = attn.dot %q, %q : tensor<?x2x3xf32>, tensor<?x2x3xf32>
  %d = attn.map %s, %h heads(%hop : tensor<2xf32>) : (!attn.matrix<2x?x?xf32>, !attn.matrix<1x?x?xf32>) -> !attn.matrix<2x?x?xf32> {
  ^bb0(%x: f32, %c: f32, %p: f32):
    %base = arith.constant 0.6 : f32
    %beyond = arith.subf %c, %p : f32
    %decay = math.powf %base, %beyond : f32
    %y = arith.mulf %x, %decay : f32
    attn.yield %y : f32
  }
  %w = attn.softmax %d : !attn.matrix<2x?x?xf32>
  %o = attn.apply %w, %q : !attn.matrix<2x?x?xf32>, tensor<?x2x3xf32>
  return %o : tensor<?x2x3xf32>
}

// Without a function of the head one row serves all; a scalar is the same for all classes.
// MEANING: ok @scalar
// CHECK-LABEL: func.func @scalar
// CHECK:         attn.stream segments({{.*}} lookups({{.*}} : tensor<1x511xf32>)
// CHECK-NOT:       math.cos
// CHECK:           attn.yield
// REMARK:        [Passed] class-table {{.*}}Function=scalar
func.func @scalar(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                  %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                  %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}, %t: tensor<f32>) -> tensor<?xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %p = tensor.extract %t[] : tensor<f32>
  %d = attn.map %h scalars(%p) : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%c: f32, %s: f32):
    %m = arith.mulf %c, %s : f32
    %y = math.cos %m : f32
    attn.yield %y : f32
  }
  %r = attn.row_sums %d : !attn.matrix<?x?xf32>
  return %r : tensor<?xf32>
}

// Two numbers of a class; a truth value is not looked up.
// MEANING: ok @two
// CHECK-LABEL: func.func @two
// CHECK:         attn.stream segments({{.*}} lookups({{.*}} : tensor<1x511xf32>, tensor<1x511xf32>)
// CHECK:           arith.cmpf olt
// CHECK-NOT:       math.
// CHECK:           attn.yield
func.func @two(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
               %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
               %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
               %q: tensor<?x3xf32> {attune.dims = ["N", ""]}) -> tensor<?x3xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %s = attn.dot %q, %q : tensor<?x3xf32>, tensor<?x3xf32>
  %d = attn.map %s, %h : (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %c: f32):
    %limit = arith.constant 3.0 : f32
    %zero = arith.constant 0.0 : f32
    %a = math.cos %c : f32
    %b = math.sin %c : f32
    %near = arith.cmpf olt, %c, %limit : f32
    %xa = arith.mulf %x, %a : f32
    %y = arith.addf %xa, %b : f32
    %z = arith.select %near, %y, %zero : f32
    attn.yield %z : f32
  }
  %o = attn.apply %d, %q : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// Must not fire: what differs from row to row is no function of the class.
// MEANING: ok @rows
// CHECK-LABEL: func.func @rows
// CHECK:         attn.stream segments(
// CHECK-NOT:     lookups
// CHECK:           math.cos
// REMARK-NOT:    class-table {{.*}}Function=rows
func.func @rows(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                %t: tensor<?xf32> {attune.dims = ["N"]}) -> tensor<?xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %d = attn.map %h rows(%t : tensor<?xf32>) : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%c: f32, %s: f32):
    %m = arith.mulf %c, %s : f32
    %y = math.cos %m : f32
    attn.yield %y : f32
  }
  %r = attn.row_sums %d : !attn.matrix<?x?xf32>
  return %r : tensor<?xf32>
}

// The class itself is in the table already; a mask inside the segments is a comparison of places.
// MEANING: ok @causal
// CHECK-LABEL: func.func @causal
// CHECK:         attn.stream segments({{.*}} blocks(
// CHECK-NOT:     lookups
// CHECK-SAME:    masked
func.func @causal(%offsets: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                  %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                  %graphs: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?xf32> {
  %h = attn.hops %offsets, %columns, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %s = attn.restrict %h segments(%graphs : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %c = attn.restrict %s causal : !attn.matrix<?x?xf32>
  %r = attn.row_sums %c : !attn.matrix<?x?xf32>
  return %r : tensor<?xf32>
}

// Must not fire: numbers that are no classes. The starts of the blocks are sums of squared lengths.
// CHECK-LABEL: func.func private @numbers
// CHECK:         %[[STARTS:.*]]:2 = scf.for {{.*}} -> (tensor<?xi64>, i64)
// CHECK:         attn.stream segments({{.*}} blocks(%{{.*}}, %[[STARTS]]#0 : tensor<?xf32>, tensor<?xi64>)
// CHECK-NOT:     lookups
// CHECK:           math.cos
func.func private @numbers(%table: tensor<?xf32>, %graphs: tensor<?xi64>, %q: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x3xf32>
  %h = attn.blocks %table, %graphs size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %d = attn.map %h : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%c: f32):
    %y = math.cos %c : f32
    attn.yield %y : f32
  }
  %o = attn.apply %d, %q : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
