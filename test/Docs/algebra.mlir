// The examples of docs/algebra.md.
//
// RUN: attune-compile %s --target=reference --print | FileCheck %s --check-prefix=RESULT
// RUN: attune-compile %s --explain --disable=norm,distribute | FileCheck %s --check-prefix=ROWS
// RUN: attune-compile %s --explain --disable=norm,associativity | FileCheck %s --check-prefix=SUM
// RUN: attune-compile %s --explain --disable=norm | FileCheck %s --check-prefix=FACTORS
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=NORM
// RUN: attune-opt %s --pass-pipeline='builtin.module(attune-linearize{disable=norm,distribute})' | FileCheck %s --check-prefix=ROWS-IR
// RUN: attune-opt %s --pass-pipeline='builtin.module(attune-linearize{disable=norm,associativity})' | FileCheck %s --check-prefix=SUM-IR
// RUN: attune-opt %s --pass-pipeline='builtin.module(attune-linearize{disable=norm})' | FileCheck %s --check-prefix=FACTORS-IR
// RUN: attune-opt %s --attune-linearize | FileCheck %s --check-prefix=NORM-IR
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=7

// Entries (0, 2) and (2, 0) of A are absent, and all above the diagonal of B.
// DOC: absent
func.func @absent() -> (tensor<3xf32>, tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>,
                        tensor<3x3xf32>, tensor<3x3xf32>) {
  %table = arith.constant dense<[[1.0, 3.0, 9.0], [2.0, 2.0, 4.0], [9.0, 1.0, 1.0]]> : tensor<3x3xf32>
  %ten = arith.constant 10.0 : f32
  %minus = arith.constant -1.0 : f32
  %dense = attn.dense %table : tensor<3x3xf32>
  %a = attn.restrict %dense window [1, 1] : !attn.matrix<3x3xf32>
  %tens = attn.splat %ten sizes() : !attn.matrix<3x3xf32>
  %b = attn.restrict %tens causal : !attn.matrix<3x3xf32>

  %sums = attn.row_sums %a : !attn.matrix<3x3xf32>
  %normalized = attn.normalize_rows %a : !attn.matrix<3x3xf32>
  %softmax = attn.softmax %a : !attn.matrix<3x3xf32>
  %map = attn.map %a : (!attn.matrix<3x3xf32>) -> !attn.matrix<3x3xf32> {
  ^bb0(%x: f32):
    %one = arith.constant 1.0 : f32
    %y = arith.addf %x, %one : f32
    attn.yield %y : f32
  }
  %fill = attn.fill %a, %minus : !attn.matrix<3x3xf32>
  %add = attn.add %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %hadamard = attn.hadamard %a, %b : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>

  // A table holds 0 where an entry is absent.
  %t0 = attn.materialize %normalized : !attn.matrix<3x3xf32>
  %t1 = attn.materialize %softmax : !attn.matrix<3x3xf32>
  %t2 = attn.materialize %map : !attn.matrix<3x3xf32>
  %t3 = attn.materialize %fill : !attn.matrix<3x3xf32>
  %t4 = attn.materialize %add : !attn.matrix<3x3xf32>
  %t5 = attn.materialize %hadamard : !attn.matrix<3x3xf32>
  return %sums, %t0, %t1, %t2, %t3, %t4, %t5 : tensor<3xf32>, tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>,
      tensor<3x3xf32>, tensor<3x3xf32>, tensor<3x3xf32>
}
// RESULT: @absent -> [3] 4 8 2
// RESULT-NEXT: @absent -> [3, 3] 0.25 0.75 0 0.25 0.25 0.5 0 0.5 0.5
// RESULT-NEXT: @absent -> [3, 3] 0.119203 0.880797 0 0.106507 0.106507 0.786986 0 0.5 0.5
// RESULT-NEXT: @absent -> [3, 3] 2 4 0 3 3 5 0 2 2
// RESULT-NEXT: @absent -> [3, 3] 1 3 -1 2 2 4 -1 1 1
// RESULT-NEXT: @absent -> [3, 3] 11 3 0 12 12 4 10 11 11
// RESULT-NEXT: @absent -> [3, 3] 10 0 0 20 20 0 0 10 10
// DOC-END

// Row 0 of C has no entry, those of row 2 add up to 0.
// DOC: empty
func.func @empty_row() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %table = arith.constant dense<[[9.0, 9.0, 9.0], [9.0, -1.0, 9.0], [9.0, 1.0, -1.0]]> : tensor<3x3xf32>
  %keys = arith.constant dense<[0, 1, 1]> : tensor<3xi8>
  %dense = attn.dense %table : tensor<3x3xf32>
  %lower = attn.restrict %dense causal : !attn.matrix<3x3xf32>
  %c = attn.restrict %lower key_mask(%keys : tensor<3xi8>) : !attn.matrix<3x3xf32>
  %sums = attn.row_sums %c : !attn.matrix<3x3xf32>
  %normalized = attn.normalize_rows %c : !attn.matrix<3x3xf32>
  %ones = attn.row_sums %normalized : !attn.matrix<3x3xf32>
  %softmax = attn.softmax %c : !attn.matrix<3x3xf32>
  %weights = attn.row_sums %softmax : !attn.matrix<3x3xf32>
  return %sums, %ones, %weights : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}
// RESULT: @empty_row -> [3] 0 -1 0
// RESULT-NEXT: @empty_row -> [3] 0 1 nan
// RESULT-NEXT: @empty_row -> [3] 0 1 1
// DOC-END

// DIFFormer-s, from its definition.
func.func @difformer(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out"}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x64xf32>
  // DOC: difformer
  %qn = nn.frobenius_normalize %q : tensor<?x64xf32>
  %kn = nn.frobenius_normalize %k : tensor<?x64xf32>
  %dot = attn.dot %qn, %kn : tensor<?x64xf32>, tensor<?x64xf32>
  %ones = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %sum = attn.add %ones, %dot : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %sum : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  // DOC-END
  return %out : tensor<?x64xf32>
}

// One visit of the pairs gives product and row sums; the division comes behind it.
// DOC: rows
// ROWS: function difformer
// ROWS: {{.*: }}attn.apply is computed as normalized(streamed(sum(constant, dot))): 25.8 GFLOP as before at N = 10000 (258*N^2 + 64*N)
// ROWS-IR-LABEL: func.func @difformer
// DOC: rows.ir
// ROWS-IR: %[[STREAM:.*]]:2 = attn.stream {{.*}} sinks = [#attn<sink apply>, #attn<sink row_sum>]}
// ROWS-IR-NOT: linalg.generic
// ROWS-IR: %[[AV:.*]] = tensor.collapse_shape %[[STREAM]]#0
// ROWS-IR: %[[A1:.*]] = tensor.collapse_shape %[[STREAM]]#1
// ROWS-IR: %[[DIVIDED:.*]] = linalg.generic {{.*}} ins(%[[AV]], %[[A1]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// DOC-END
// ROWS-IR-NOT: linalg.generic
// ROWS-IR: return %[[DIVIDED]]

// DOC: sum
// SUM: function difformer
// SUM: {{.*: }}attn.apply is computed as normalized(sum(constant, streamed(dot))): 25.7 GFLOP instead of 25.8 GFLOP at N = 10000 (257*N^2 + 128*N instead of 258*N^2 + 64*N)
// SUM-IR: func.func @difformer({{.*}}, {{.*}}, %[[V:[^:]*]]: tensor
// DOC: sum.ir
// SUM-IR: %[[SUMV:.*]] = linalg.generic {{.*}} ins(%[[V]] : {{.*}}) outs({{.*}} : tensor<64xf32>)
// SUM-IR: %[[OUT:.*]] = linalg.generic {{.*}} ins(%[[SUMV]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// SUM-IR: %[[N:.*]] = linalg.generic {{.*}} outs({{.*}} : tensor<?xf32>)
// SUM-IR: %[[INTO:.*]] = tensor.expand_shape %[[OUT]]
// SUM-IR: %[[INTO1:.*]] = tensor.expand_shape %[[N]]
// SUM-IR: %[[STREAM:.*]]:2 = attn.stream {{.*}} outs(%[[INTO]], %[[INTO1]] : {{.*}} sinks = [#attn<sink apply>, #attn<sink row_sum>]}
// SUM-IR: %[[AV:.*]] = tensor.collapse_shape %[[STREAM]]#0
// SUM-IR: %[[A1:.*]] = tensor.collapse_shape %[[STREAM]]#1
// SUM-IR: %[[DIVIDED:.*]] = linalg.generic {{.*}} ins(%[[AV]], %[[A1]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// DOC-END
// SUM-IR-NOT: attn.stream
// SUM-IR: return

// DOC: factors
// FACTORS: function difformer
// FACTORS: {{.*: }}attn.apply is computed as normalized(sum(constant, factored(rank 64))): 167 MFLOP instead of 25.8 GFLOP at N = 10000 (16704*N instead of 258*N^2 + 64*N)
// FACTORS-IR: func.func @difformer({{.*}}, {{.*}}, %[[V:[^:]*]]: tensor
// FACTORS-IR: %[[QN:.*]] = nn.frobenius_normalize %arg0
// FACTORS-IR: %[[KN:.*]] = nn.frobenius_normalize %arg1
// FACTORS-IR: %[[SUMV:.*]]    = linalg.generic {{.*}} ins(%[[V]] : {{.*}}) outs({{.*}} : tensor<64xf32>)
// FACTORS-IR: %[[OUT:.*]]     = linalg.generic {{.*}} ins(%[[SUMV]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// FACTORS-IR: %[[N:.*]]       = linalg.generic {{.*}} outs({{.*}} : tensor<?xf32>)
// FACTORS-IR: %[[KTV:.*]]     = linalg.generic {{.*}} ins(%[[KN]], %[[V]] : {{.*}}) outs({{.*}} : tensor<64x64xf32>)
// FACTORS-IR: %[[QKTV:.*]]    = linalg.generic {{.*}} ins(%[[QN]], %[[KTV]] : {{.*}}) outs(%[[OUT]] : tensor<?x64xf32>)
// FACTORS-IR: %[[SUMK:.*]]    = linalg.generic {{.*}} ins(%[[KN]] : {{.*}}) outs({{.*}} : tensor<64xf32>)
// FACTORS-IR: %[[SUMS:.*]]    = linalg.generic {{.*}} ins(%[[QN]], %[[SUMK]] : {{.*}}) outs(%[[N]] : tensor<?xf32>)
// FACTORS-IR: %[[DIVIDED:.*]] = linalg.generic {{.*}} ins(%[[QKTV]], %[[SUMS]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// FACTORS-IR-NOT: linalg.generic
// FACTORS-IR: return %[[DIVIDED]]

// The number 1 / (|q| |k|) is multiplied with the two small results.
// DOC: norm
// NORM: function difformer
// NORM-NEXT: {{.*:}}
// NORM-NEXT:   - norm, the norms of whole tensors divide the product, not the tensors: 0 FLOP instead of 1.28 MFLOP at N = 10000 (0 instead of 128*N)
// NORM-NEXT: {{.*: }}attn.apply is computed as normalized(sum(constant, scaled(factored(rank 64)))): 167 MFLOP instead of 25.9 GFLOP at N = 10000 (16704*N + 4160 instead of 259*N^2 + 64*N)
// NORM-IR: func.func @difformer(%[[Q:[^:]*]]: {{.*}}, %[[K:[^:]*]]: {{.*}}, %[[V:[^:]*]]: tensor
// NORM-IR-NOT: nn.frobenius_normalize
// NORM-IR: %[[FACTOR:.*]] = arith.mulf
// DOC: small
// NORM-IR: %[[KTV:.*]]    = linalg.generic {{.*}} ins(%[[K]], %[[V]] : {{.*}}) outs({{.*}} : tensor<64x64xf32>)
// NORM-IR: %[[SCALED:.*]] = linalg.generic {{.*}} ins(%[[KTV]] : {{.*}}) outs({{.*}} : tensor<64x64xf32>)
// NORM-IR: %[[QKTV:.*]]   = linalg.generic {{.*}} ins(%[[Q]], %[[SCALED]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// DOC-END
