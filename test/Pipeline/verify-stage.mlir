// RUN: attune-opt %s --attune-verify-stage=stage=entry | FileCheck %s
// RUN: not attune-opt %s --attune-verify-stage=stage=linearize 2>&1 | FileCheck %s --check-prefix=LINEARIZE
// RUN: not attune-opt %s --attune-verify-stage=stage=bufferize 2>&1 | FileCheck %s --check-prefix=BUFFERIZE
// RUN: not attune-opt %s --attune-verify-stage=stage=polish 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// CHECK: attn.dot
// LINEARIZE: :[[@LINE+5]]:{{.*}} error: internal error: `attn.dot` is left after stage `linearize`
// BUFFERIZE: error: internal error: `{{.*}}` is left after stage `bufferize`
// UNKNOWN: error: no stage is called `polish`

func.func @f(%q: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  %o = attn.apply %a, %q : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
