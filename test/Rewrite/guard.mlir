// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=guard}),canonicalize,cse)' | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=guard})' | FileCheck %s --check-prefix=MEANING

// (1 + q.k)^2 with 64 columns: which form is cheaper depends on N and M, so both are there.
// MEANING: ok @square
// CHECK-LABEL: func.func @square
// CHECK:         %[[LINEAR:.+]] = arith.cmpf ole
// CHECK:         scf.if %[[LINEAR]]
// CHECK:           scf.for
// CHECK-NOT:       attn.stream
// CHECK:         else
// CHECK-NOT:       scf.for
// CHECK:           attn.stream
// CHECK:         attune.forms = ["linear", "streamed"]
// REMARK:        [Passed] polynomial {{.*}}Function=square
// REMARK:        [Passed] stream {{.*}}Function=square {{.*}}the pairs of map are visited"
// REMARK:        [Passed] guard {{.*}}Function=square {{.*}}form="choose(polynomial(degree 2, factored(rank 64)), streamed(map))"
// DISABLED-LABEL: func.func @square
// DISABLED-NOT:  scf.if
// DISABLED-NOT:  attn.stream
// DISABLED:      scf.for
// DISABLED-NOT:  attn.stream
func.func @square(%q: tensor<?x64xf32> {attune.dims = ["N", ""]}, %k: tensor<?x64xf32> {attune.dims = ["M", ""]}, %v: tensor<?x64xf32> {attune.dims = ["M", ""]})
    -> tensor<?x64xf32> {
  %s = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32>
  %f = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %t = arith.addf %unit, %x : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// Few: the pairs.
// MEANING: ok @few
// CHECK-LABEL: func.func @few
// CHECK-NOT:     scf.if
// CHECK-NOT:     scf.for
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=few {{.*}}cheaper at these sizes
// DISABLED-LABEL: func.func @few
// DISABLED-NOT:  scf.if
// DISABLED:      attn.stream
func.func @few(%q: tensor<20x64xf32>, %k: tensor<30x64xf32>, %v: tensor<30x64xf32>)
    -> tensor<20x64xf32> {
  %s = attn.dot %q, %k : tensor<20x64xf32>, tensor<30x64xf32>
  %f = attn.map %s : (!attn.matrix<20x30xf32>) -> !attn.matrix<20x30xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %t = arith.addf %unit, %x : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<20x30xf32>, tensor<30x64xf32>
  return %o : tensor<20x64xf32>
}

// One size is dynamic, the other so small that pairs always win.
// MEANING: ok @narrow
// CHECK-LABEL: func.func @narrow
// CHECK-NOT:     scf.if
// CHECK:         attn.stream
// DISABLED-LABEL: func.func @narrow
func.func @narrow(%q: tensor<?x64xf32> {attune.dims = ["N", ""]}, %k: tensor<8x64xf32>, %v: tensor<8x64xf32>)
    -> tensor<?x64xf32> {
  %s = attn.dot %q, %k : tensor<?x64xf32>, tensor<8x64xf32>
  %f = attn.map %s : (!attn.matrix<?x8xf32>) -> !attn.matrix<?x8xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %t = arith.addf %unit, %x : f32
    %y = arith.mulf %t, %t : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x8xf32>, tensor<8x64xf32>
  return %o : tensor<?x64xf32>
}
