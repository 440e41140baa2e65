// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=COST

// Causal masks and windows narrow the columns that a stream visits; a window costs what it is wide.
// MEANING: ok @window
// CHECK-LABEL: func.func @window
// CHECK:         attn.stream {{.*}}band = array<i64: 3, 1>
// COST:          function window
// COST:          (165*N - 231 instead of
func.func @window(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %v: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x8xf32> {
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    attn.yield %e : f32
  }
  %r = attn.restrict %f window [3, 1] : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// Transposed, the band turns; two bands meet in the narrower one.
// MEANING: ok @turned
// CHECK-LABEL: func.func @turned
// CHECK:         attn.stream {{.*}}band = array<i64: 0, 3>
func.func @turned(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %v: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x8xf32> {
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s window [3, 1] : !attn.matrix<?x?xf32>
  %c = attn.restrict %r causal : !attn.matrix<?x?xf32>
  %t = attn.transpose %c : !attn.matrix<?x?xf32>
  %o = attn.apply %t, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// In segments as well; a softmax keeps the band.
// MEANING: ok @segments
// CHECK-LABEL: func.func @segments
// CHECK:         attn.stream segments({{.*}}band = array<i64: -1, 0>
func.func @segments(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %v: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %g: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x8xf32> {
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %b = attn.restrict %s segments(%g : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %c = attn.restrict %b causal : !attn.matrix<?x?xf32>
  %p = attn.softmax %c : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// A sum is as wide as its wider term.
// MEANING: ok @sum
// CHECK-LABEL: func.func @sum
// CHECK:         attn.stream {{.*}}band = array<i64: 5, 2>
func.func @sum(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %v: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x8xf32> {
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.restrict %s window [3, 2] : !attn.matrix<?x?xf32>
  %b = attn.restrict %s window [5, 0] : !attn.matrix<?x?xf32>
  %t = attn.add %a, %b : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.softmax %t : !attn.matrix<?x?xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// Must not fire: what is filled is present everywhere.
// MEANING: ok @filled
// CHECK-LABEL: func.func @filled
// CHECK:         attn.stream
// CHECK-NOT:     band
// CHECK:         return
func.func @filled(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %v: tensor<?x8xf32> {attune.dims = ["N", ""]}) -> tensor<?x8xf32> {
  %one = arith.constant 1.0 : f32
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %c = attn.restrict %s causal : !attn.matrix<?x?xf32>
  %f = attn.fill %c, %one : !attn.matrix<?x?xf32>
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}
