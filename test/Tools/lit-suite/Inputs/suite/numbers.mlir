// RUN: attune-compile %s -o %t.so

// Scores 0, log 3 and 0, 0: weights 1/4, 3/4 and 1/2, 1/2.
// RUN: %python %S/tensors.py %t.in.safetensors \
// RUN:   'q=[[1, 0], [0, 1]]' 'k=[[0, 0], [1.0986123, 0]]' 'v=[[4, 0], [8, 4]]'
// RUN: %python %S/tensors.py %t.expect.safetensors 'out=[[7, 3], [6, 2]]'
// RUN: attune-run %t.so --strict --bind=%t.in.safetensors --expect=%t.expect.safetensors
// RUN: attune-run %s --target=reference --strict --bind=%t.in.safetensors --expect=%t.expect.safetensors

// Made-up inputs of another size: the program against the plain definitions in float64.
// RUN: attune-run %s --target=reference --random=N=300 --random=M=70 --seed=1 -o %t.reference.safetensors
// RUN: attune-run %t.so --random=N=300 --random=M=70 --seed=1 --expect=%t.reference.safetensors --rtol=1e-5
// RUN: attune-run %t.so --random=N=0 --random=M=0

// Wrong inputs have a message.
// RUN: not attune-run %t.so --bind=%t.expect.safetensors 2>&1 | FileCheck %s
// CHECK: error: argument `q` (F32 [N, 2]) is in no bound file
func.func @attention(%q: tensor<?x2xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x2xf32> {attune.name = "k", attune.dims = ["M", ""]},
                     %v: tensor<?x2xf32> {attune.name = "v", attune.dims = ["M", ""]})
    -> (tensor<?x2xf32> {attune.name = "out"}) {
  %scores = attn.dot %q, %k : tensor<?x2xf32>, tensor<?x2xf32>
  %weights = attn.softmax %scores : !attn.matrix<?x?xf32>
  %out = attn.apply %weights, %v : !attn.matrix<?x?xf32>, tensor<?x2xf32>
  return %out : tensor<?x2xf32>
}
