// The mean over heads past the product that the heads share: compiled code against the reference, and the
// reference before and after the rewrite.
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-move-head-mean)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-move-head-mean))' | FileCheck %s
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-move-head-mean{disable=head-mean}))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s -o %t.so
// RUN: attune-run %s --entry=mean --target=reference --random N=70 --random E=150 -o %t.safetensors
// RUN: attune-run %t.so --entry=mean --random N=70 --random E=150 --expect=%t.safetensors --rtol=1e-5 --atol=0
// RUN: attune-run %s --entry=mean --target=reference --random N=0 --random E=0 -o %t-0.safetensors
// RUN: attune-run %t.so --entry=mean --random N=0 --random E=0 --expect=%t-0.safetensors

// MEANING: ok @mean
// CHECK-LABEL: func.func @mean
// CHECK:         %[[OWN:.+]] = attn.apply {{.*}} : <3x?x?xf32>, tensor<?x3x4xf32>
// CHECK:         nn.mean %[[OWN]] dim 1
// CHECK:         nn.mean %{{.*}} dim 1
// CHECK:         attn.apply {{.*}} : <1x?x?xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>
// DISABLED:      [Missed] head-mean {{.*}}Function=mean | Reason=disabled
func.func @mean(%csr: tensor<?xi64> {attune.name = "csr", attune.dims = ["N+1"], attune.offsets_of = "E"},
                %columns: tensor<?xi32> {attune.name = "columns", attune.dims = ["E"], attune.below = "N"},
                %w: tensor<?x1xf32> {attune.name = "w", attune.dims = ["E", ""]},
                %q: tensor<?x3x8xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                %v: tensor<?x3x4xf32> {attune.name = "v", attune.dims = ["N", "", ""]})
    -> (tensor<?x4xf32> {attune.name = "out", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?x3x4xf32>
  %g = attn.adjacency %csr, %columns values(%w) columns(%n) : tensor<?xi64>, tensor<?xi32>, tensor<?x1xf32>
  %s = attn.dot %q, %q : tensor<?x3x8xf32>, tensor<?x3x8xf32>
  %a = attn.add %s, %g : !attn.matrix<3x?x?xf32>, !attn.matrix<1x?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<3x?x?xf32>, tensor<?x3x4xf32>
  %m = nn.mean %o dim 1 : tensor<?x3x4xf32>
  return %m : tensor<?x4xf32>
}

// Must not fire: no term is shared.
// MEANING: ok @own
// CHECK-LABEL: func.func @own
// CHECK:         attn.apply
// CHECK-NOT:     attn.apply
// CHECK:         nn.mean
func.func @own(%q: tensor<?x3x8xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
               %v: tensor<?x3x4xf32> {attune.name = "v", attune.dims = ["N", "", ""]})
    -> (tensor<?x4xf32> {attune.name = "out", attune.dims = ["N", ""]}) {
  %s = attn.dot %q, %q : tensor<?x3x8xf32>, tensor<?x3x8xf32>
  %o = attn.apply %s, %v : !attn.matrix<3x?x?xf32>, tensor<?x3x4xf32>
  %m = nn.mean %o dim 1 : tensor<?x3x4xf32>
  return %m : tensor<?x4xf32>
}
