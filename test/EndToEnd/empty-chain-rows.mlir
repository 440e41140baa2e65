// A constant times a chain of graphs: rows without a path stay empty when they are normalised.
// RUN: attune-compile %s -o %t.so
// RUN: attune-compile %s --target=gpu-emulator -o %t.gpu.so
// RUN: bash -e -c 'for sizes in "N=20 --random=E=6" "N=1 --random=E=0" "N=0 --random=E=0"; do \
// RUN:   attune-run %s --target=reference --random=$sizes -o %t.reference.safetensors; \
// RUN:   for p in %t.so %t.gpu.so; do attune-run $p --random=$sizes --expect=%t.reference.safetensors --rtol=1e-5; done; \
// RUN: done'
// RUN: attune-compile %s --stop-after=linearize -o - | FileCheck %s
// CHECK: arith.select
func.func @f(%csr: tensor<?xi64> {attune.name = "csr", attune.dims = ["N+1"], attune.offsets_of = "E"},
             %columns: tensor<?xi32> {attune.name = "columns", attune.dims = ["E"], attune.below = "N"},
             %v: tensor<?x2xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x2xf32> {attune.name = "out", attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %two = arith.constant 2.0 : f32
  %n = tensor.dim %v, %c0 : tensor<?x2xf32>
  %g = attn.adjacency %csr, %columns columns(%n) unique : tensor<?xi64>, tensor<?xi32>
  %p = attn.compose %g, %g : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %i = attn.splat %two sizes(%n, %n) : !attn.matrix<?x?xf32>
  %h = attn.hadamard %i, %p : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %a = attn.normalize_rows %h : !attn.matrix<?x?xf32>
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x2xf32>
  return %o : tensor<?x2xf32>
}
