// What README.md shows: DIFFormer-s attention before and after the rewrite, and why.
//
// DOC: run
// RUN: attune-opt %s --attune-linearize | FileCheck %s --check-prefix=AFTER
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=EXPLAIN
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=7
// DOC-END

// DOC: attention
func.func @attention(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out"}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x64xf32>
  // DOC: before
  %dot = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32>      // N x N, never stored
  %ones = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %sum = attn.add %ones, %dot : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %sum : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  // AFTER: func.func @attention(%[[Q:[^:]*]]: {{.*}}, %[[K:[^:]*]]: {{.*}}, %[[V:[^:]*]]: tensor
  // AFTER-NOT: attn.
  // DOC: after
  // AFTER: %[[SUMV:.*]]   = linalg.generic {{.*}} ins(%[[V]] : {{.*}}) outs({{.*}} : tensor<64xf32>)
  // AFTER: %[[OUT:.*]]    = linalg.generic {{.*}} ins(%[[SUMV]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
  // AFTER: %[[KTV:.*]]    = linalg.generic {{.*}} ins(%[[K]], %[[V]] : {{.*}}) outs({{.*}} : tensor<64x64xf32>)
  // AFTER: %[[QKTV:.*]]   = linalg.generic {{.*}} ins(%[[Q]], %[[KTV]] : {{.*}}) outs(%[[OUT]] : tensor<?x64xf32>)
  // AFTER: %[[SUMK:.*]]   = linalg.generic {{.*}} ins(%[[K]] : {{.*}}) outs({{.*}} : tensor<64xf32>)
  // AFTER: %[[SUMS:.*]]   = linalg.generic {{.*}} ins(%[[Q]], %[[SUMK]] : {{.*}}) outs({{.*}} : tensor<?xf32>)
  // AFTER: %[[RESULT:.*]] = linalg.generic {{.*}} ins(%[[QKTV]], %[[SUMS]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
  // AFTER-NOT: attn.
  // DOC-END
  return %out : tensor<?x64xf32>
}

// DOC: explain
// EXPLAIN: attn.apply is computed as normalized(sum(constant, factored(rank 64))): 167 MFLOP instead of 25.8 GFLOP at N = 10000 (16704*N instead of 258*N^2 + 64*N)
// EXPLAIN-NEXT:   - constant, the constant matrix becomes column sums of V
// EXPLAIN-NEXT:   - associativity, Q K^T V is computed as Q (K^T V)
// EXPLAIN-NEXT:   - distribute, the product distributes over the sum
// EXPLAIN-NEXT:   - row-normalizer, the row sums ride along with the product, which is divided once
// DOC-END
// DOC: memory
// EXPLAIN-NEXT: memory: {{[0-9]+}} bytes at most, above arguments, results and the panels of each thread
// DOC-END
