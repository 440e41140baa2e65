// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=segments}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=segments})' | FileCheck %s --check-prefix=MEANING

// A batch of graphs: the linear form on the rows of each, which lie next to each other.
// MEANING: ok @batch
// CHECK-LABEL: func.func @batch
// CHECK:         scf.for
// CHECK:           tensor.extract_slice
// CHECK:           linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK:           tensor.insert_slice
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] segments {{.*}}Function=batch
// DISABLED:      [Missed] segments {{.*}}Function=batch | Reason=disabled
func.func @batch(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                 %k: tensor<?x8xf32> {attune.dims = ["N", ""]},
                 %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                 %offsets: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: a function of the entries is visited, only the segment's columns.
// MEANING: ok @visited
// CHECK-LABEL: func.func @visited
// CHECK-NOT:     scf.for
// CHECK:         attn.stream segments(
// REMARK:        [Passed] stream {{.*}}Function=visited {{.*}}cheaper at these sizes
func.func @visited(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                   %k: tensor<?x8xf32> {attune.dims = ["N", ""]},
                   %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                   %offsets: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %r = attn.restrict %f segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Beyond the segments there are entries as well: all pairs are visited, and their segments compared.
// MEANING: ok @filled
// CHECK-LABEL: func.func @filled
// CHECK-NOT:     segments(
// CHECK:         attn.stream {{.*}}rows({{.*}}cols(
// CHECK:           arith.select
// REMARK:        [Passed] stream {{.*}}Function=filled {{.*}}(filled-support
func.func @filled(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                  %offsets: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %half = arith.constant 0.5 : f32
  %a = attn.fill %r, %half : !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// The edges within a segment.
// MEANING: ok @edges
// CHECK-LABEL: func.func @edges
// CHECK:         attn.stream csr({{.*}}rows({{.*}}cols({{.*}}masked
func.func @edges(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                 %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                 %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                 %offsets: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %s = attn.adjacency %csr, %columns columns(%n) : tensor<?xi64>, tensor<?xi32>
  %r = attn.restrict %s segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// The union of two partitions is not visited by one of them.
// MEANING: ok @two_partitions
// CHECK-LABEL: func.func @two_partitions
// CHECK-NOT:     segments(
// CHECK:         attn.stream
func.func @two_partitions(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                          %k: tensor<?x8xf32> {attune.dims = ["N", ""]},
                          %v: tensor<?x4xf32> {attune.dims = ["N", ""]},
                          %offsets: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"},
                          %others: tensor<?xi64> {attune.dims = ["F+1"], attune.offsets_of = "N"}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %t = attn.restrict %s segments(%others : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %a = attn.add %r, %t : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %f = attn.map %a kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
