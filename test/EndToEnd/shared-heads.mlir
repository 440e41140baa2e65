// Values have more heads, or a larger batch, than a matrix that is visited pair by pair: product and
// row sums come from one stream, which runs over the heads and the batch of the values.
// RUN: attune-opt %s --attune-linearize | FileCheck %s
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=5 | FileCheck %s --check-prefix=MEANING
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks{disable=row-normalizer}))' | FileCheck %s --check-prefix=APART
// RUN: attune-compile %s -o %t.so
// RUN: attune-compile %s --target=gpu-emulator -o %t.gpu.so
// RUN: bash -e -c 'for entry in multi_query shared_heads shared_batch empty_rows; do for n in 0 1 7 65; do \
// RUN:   attune-run %s --target=reference --entry=$entry --random=N=$n --seed=3 -o %t.reference.safetensors; \
// RUN:   for p in %t.so %t.gpu.so; do \
// RUN:     attune-run $p --entry=$entry --random=N=$n --seed=3 --expect=%t.reference.safetensors --rtol=1e-5 --atol=0; \
// RUN:   done; done; done'

// MEANING-COUNT-4: ok @
// APART-LABEL: func.func @multi_query

// CHECK-LABEL: func.func @multi_query
// CHECK:         attn.stream {{.*}} outs({{.*}} : tensor<?x8x4xf32>, tensor<?x8xf32>)
func.func @multi_query(%q: tensor<?x1x4xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                       %k: tensor<?x1x4xf32> {attune.name = "k", attune.dims = ["N", "", ""]},
                       %v: tensor<?x8x4xf32> {attune.name = "v", attune.dims = ["N", "", ""]})
    -> (tensor<?x8x4xf32> {attune.name = "y"}) {
  %o = attn.attention %q, %k, %v kernel = "gaussian" normalize = "rows" : tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x8x4xf32>
  return %o : tensor<?x8x4xf32>
}

// CHECK-LABEL: func.func @shared_heads
// CHECK:         attn.stream {{.*}} outs({{.*}} : tensor<?x2x1xf32>, tensor<?x2xf32>)
func.func @shared_heads(%q: tensor<?x1x4xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                        %x: tensor<?x2x1xf32> {attune.name = "x", attune.dims = ["N", "", ""]})
    -> (tensor<?x2x1xf32> {attune.name = "y"}) {
  %d = attn.distance %q, %q : tensor<?x1x4xf32>, tensor<?x1x4xf32>
  %p = attn.normalize_rows %d : !attn.matrix<1x?x?xf32>
  %y = attn.apply %p, %x : !attn.matrix<1x?x?xf32>, tensor<?x2x1xf32>
  return %y : tensor<?x2x1xf32>
}

// CHECK-LABEL: func.func @shared_batch
// CHECK:         attn.stream {{.*}} outs({{.*}} : tensor<2x?x1x1xf32>, tensor<2x?x1xf32>)
func.func @shared_batch(%q: tensor<1x?x1x4xf32> {attune.name = "q", attune.dims = ["", "N", "", ""]},
                        %x: tensor<2x?x1x1xf32> {attune.name = "x", attune.dims = ["", "N", "", ""]})
    -> (tensor<2x?x1x1xf32> {attune.name = "y"}) {
  %d = attn.distance %q, %q : tensor<1x?x1x4xf32>, tensor<1x?x1x4xf32>
  %p = attn.normalize_rows %d : !attn.matrix<1x1x?x?xf32>
  %y = attn.apply %p, %x : !attn.matrix<1x1x?x?xf32>, tensor<2x?x1x1xf32>
  return %y : tensor<2x?x1x1xf32>
}

// Rows may be without entries: the entries of a row are counted for the matrix's one head, and the
// sums of the values' two are guarded by that count.
// CHECK-LABEL: func.func @empty_rows
// CHECK:         attn.stream {{.*}} outs({{.*}} : tensor<?x2x3xf32>, tensor<?x2xf32>)
func.func @empty_rows(%q: tensor<?x1x4xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                      %mask: tensor<?xi1> {attune.name = "mask", attune.dims = ["N"]},
                      %x: tensor<?x2x3xf32> {attune.name = "x", attune.dims = ["N", "", ""]})
    -> (tensor<?x2x3xf32> {attune.name = "y"}) {
  %d = attn.distance %q, %q : tensor<?x1x4xf32>, tensor<?x1x4xf32>
  %m = attn.restrict %d key_mask(%mask : tensor<?xi1>) : !attn.matrix<1x?x?xf32>
  %p = attn.normalize_rows %m : !attn.matrix<1x?x?xf32>
  %y = attn.apply %p, %x : !attn.matrix<1x?x?xf32>, tensor<?x2x3xf32>
  return %y : tensor<?x2x3xf32>
}
