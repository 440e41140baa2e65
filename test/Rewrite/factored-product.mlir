// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=factored-product}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks{disable=factored-product})' | FileCheck %s --check-prefix=MEANING

// (q k^T o B) V = sum over the columns a of q_a (B (k_a V)).
// MEANING: ok @product
// CHECK-LABEL: func.func @product
// CHECK:         scf.for
// CHECK:           linalg.generic {{.*}} outs({{.*}} : tensor<8x4xf32>)
// CHECK-NOT:     attn.stream
// REMARK:        [Passed] factored-product {{.*}}Function=product
// DISABLED:      [Missed] factored-product {{.*}}Function=product | Reason=disabled
func.func @product(%x: tensor<?x3xf32> {attune.dims = ["N", ""]}, %y: tensor<?x3xf32> {attune.dims = ["M", ""]},
                   %q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                   %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                   %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %t = attn.dot %x, %y : tensor<?x3xf32>, tensor<?x3xf32>
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.hadamard %t, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A constant factor is a number.
// MEANING: ok @constant
// CHECK-LABEL: func.func @constant
// CHECK-NOT:     scf.for
// CHECK-NOT:     attn.stream
// CHECK:         return
func.func @constant(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %two = arith.constant 2.0 : f32
  %c = attn.splat %two sizes(%n, %m) : !attn.matrix<?x?xf32>
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.hadamard %c, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: neither operand is factored or constant.
// MEANING: ok @functions
// CHECK-LABEL: func.func @functions
// CHECK:         attn.stream
// REMARK:        [Passed] stream {{.*}}Function=functions {{.*}}(entrywise-product
func.func @functions(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                     %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                     %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
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
  %d = attn.distance %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.hadamard %f, %d : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// Must not fire: with edges only the edges are visited.
// MEANING: ok @edges
// CHECK-LABEL: func.func @edges
// CHECK:         attn.stream csr(
// REMARK:        [Passed] sparse {{.*}}Function=edges | Remark="only the edges are visited"
func.func @edges(%csr: tensor<?xi64> {attune.dims = ["N+1"], attune.offsets_of = "E"},
                 %columns: tensor<?xi32> {attune.dims = ["E"], attune.below = "N"},
                 %q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                 %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x4xf32>
  %g = attn.adjacency %csr, %columns columns(%n) : tensor<?xi64>, tensor<?xi32>
  %s = attn.dot %q, %q : tensor<?x8xf32>, tensor<?x8xf32>
  %a = attn.hadamard %g, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
