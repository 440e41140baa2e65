// What a plan says is what the IR holds: the form that was chosen, why others were not, what it costs.
// RUN: attune-compile %s --explain --stop-after=linearize -o %t.mlir | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.mlir
// RUN: attune-compile %s --explain --disable=associativity --stop-after=linearize -o %t.pairs.mlir | FileCheck %s --check-prefix=PAIRS
// RUN: FileCheck %s --check-prefix=PAIRS-IR --input-file=%t.pairs.mlir
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=3
// RUN: attune-compile %s --explain=json -o %t.so | FileCheck %s --check-prefix=JSON

// A small dot product is visited: that is cheaper than its linear form, and nothing is called factored.
// CHECK-LABEL: function small_dot
// CHECK: attn.apply is computed as streamed(dot): 154 kFLOP as before (153600)
// CHECK-NEXT: - declined associativity, dearer
// CHECK-NEXT: - stream, the pairs of dot are visited, which is cheaper at these sizes
// CHECK-NOT: factored
// IR-LABEL: func.func @small_dot
// IR-COUNT-1: attn.stream
// IR-NOT: linalg.
func.func @small_dot(%q: tensor<20x64xf32> {attune.name = "q"}, %k: tensor<30x64xf32> {attune.name = "k"},
                     %v: tensor<30x64xf32> {attune.name = "v"}) -> (tensor<20x64xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<20x64xf32>, tensor<30x64xf32>
  %out = attn.apply %s, %v : !attn.matrix<20x30xf32>, tensor<30x64xf32>
  return %out : tensor<20x64xf32>
}

// Product and row sums are one request: either both visit the pairs, at once, or both go the linear way.
// CHECK-LABEL: function small_normalized
// CHECK: attn.apply is computed as normalized(streamed(dot)): 155 kFLOP as before (155480)
// IR-LABEL: func.func @small_normalized
// IR: attn.stream {{.*}}sinks = [#attn<sink apply>, #attn<sink row_sum>]
// IR-NOT: attn.stream
// IR: return
func.func @small_normalized(%q: tensor<20x64xf32> {attune.name = "q"}, %k: tensor<30x64xf32> {attune.name = "k"},
                            %v: tensor<30x64xf32> {attune.name = "v"}) -> (tensor<20x64xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<20x64xf32>, tensor<30x64xf32>
  %a = attn.normalize_rows %s : !attn.matrix<20x30xf32>
  %out = attn.apply %a, %v : !attn.matrix<20x30xf32>, tensor<30x64xf32>
  return %out : tensor<20x64xf32>
}

// Without associativity every pair of DIFFormer's attention is visited once, for product and row sums.
// PAIRS-LABEL: function attention
// PAIRS: attn.apply is computed as normalized(sum(constant, streamed(dot))): {{.*}} (257*N^2 + 128*N instead of 258*N^2 + 64*N)
// PAIRS: - declined associativity, disabled
// PAIRS-NEXT: - stream, the pairs of dot are visited (disabled)
// PAIRS-IR-LABEL: func.func @attention
// PAIRS-IR: attn.stream {{.*}}sinks = [#attn<sink apply>, #attn<sink row_sum>]
// PAIRS-IR-NOT: attn.stream
// PAIRS-IR: return
func.func @attention(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                     %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                     %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]}) -> (tensor<?x64xf32> {attune.name = "out"}) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %q, %zero : tensor<?x64xf32>
  %c = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %s = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32>
  %a = attn.add %c, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %a : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}

// Causal pairs are N(N + 1) / 2.
// CHECK-LABEL: function causal
// CHECK: attn.apply is computed as streamed(causal(dot)): {{.*}} (16*N^2 + 16*N instead of 32*N^2)
func.func @causal(%q: tensor<?x8xf32> {attune.name = "q", attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.name = "k", attune.dims = ["N", ""]},
                  %v: tensor<?x8xf32> {attune.name = "v", attune.dims = ["N", ""]}) -> (tensor<?x8xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %c = attn.restrict %s causal : !attn.matrix<?x?xf32>
  %out = attn.apply %c, %v : !attn.matrix<?x?xf32>, tensor<?x8xf32>
  return %out : tensor<?x8xf32>
}

// A window of 4 columns, 3 to the left, counts 4 N - 6 pairs, whatever the order of the masks.
// CHECK-LABEL: function window_first
// CHECK: attn.apply is computed as streamed(softmax(causal(window(dot)))): {{.*}} (80*N - 120 instead of 20*N^2)
func.func @window_first(%q: tensor<?x4xf32> {attune.name = "q", attune.dims = ["N", ""]},
                        %k: tensor<?x4xf32> {attune.name = "k", attune.dims = ["N", ""]},
                        %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["N", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x4xf32>, tensor<?x4xf32>
  %w = attn.restrict %s window [3, 3] : !attn.matrix<?x?xf32>
  %c = attn.restrict %w causal : !attn.matrix<?x?xf32>
  %p = attn.softmax %c : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %out : tensor<?x4xf32>
}
// CHECK-LABEL: function causal_first
// CHECK: attn.apply is computed as streamed(softmax(window(causal(dot)))): {{.*}} (80*N - 120 instead of 20*N^2)
func.func @causal_first(%q: tensor<?x4xf32> {attune.name = "q", attune.dims = ["N", ""]},
                        %k: tensor<?x4xf32> {attune.name = "k", attune.dims = ["N", ""]},
                        %v: tensor<?x4xf32> {attune.name = "v", attune.dims = ["N", ""]}) -> (tensor<?x4xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x4xf32>, tensor<?x4xf32>
  %c = attn.restrict %s causal : !attn.matrix<?x?xf32>
  %w = attn.restrict %c window [3, 3] : !attn.matrix<?x?xf32>
  %p = attn.softmax %w : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %out : tensor<?x4xf32>
}

// An adjacency with one head over values of four heads costs four times as much: 2 E 4 8.
// CHECK-LABEL: function headless
// CHECK: attn.apply is computed as sparse(E edges): {{.*}} (64*E instead of 64*N^2)
func.func @headless(%offsets: tensor<?xi64> {attune.name = "offsets", attune.dims = ["N+1"], attune.offsets_of = "E"},
                    %columns: tensor<?xi32> {attune.name = "columns", attune.dims = ["E"], attune.below = "N"},
                    %w: tensor<?x1xf32> {attune.name = "w", attune.dims = ["E", ""]},
                    %v: tensor<?x4x8xf32> {attune.name = "v", attune.dims = ["N", "", ""]}) -> (tensor<?x4x8xf32> {attune.name = "out"}) {
  %zero = arith.constant 0 : index
  %n = tensor.dim %v, %zero : tensor<?x4x8xf32>
  %a = attn.adjacency %offsets, %columns values(%w) columns(%n) : tensor<?xi64>, tensor<?xi32>, tensor<?x1xf32>
  %out = attn.apply %a, %v : !attn.matrix<1x?x?xf32>, tensor<?x4x8xf32>
  return %out : tensor<?x4x8xf32>
}

// Differential attention is two attentions: two visits, each with its own softmax.
// CHECK-LABEL: function differential
// CHECK: attn.apply is computed as sum(streamed(softmax(dot)), scaled(streamed(softmax(dot))))
// IR-LABEL: func.func @differential
// IR-COUNT-2: sinks = [#attn<sink softmax>]
// IR-NOT: attn.stream
// IR: return
func.func @differential(%q: tensor<?x2x8xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                        %k: tensor<?x2x8xf32> {attune.name = "k", attune.dims = ["N", "", ""]},
                        %q2: tensor<?x2x8xf32> {attune.name = "q2", attune.dims = ["N", "", ""]},
                        %k2: tensor<?x2x8xf32> {attune.name = "k2", attune.dims = ["N", "", ""]},
                        %v: tensor<?x2x16xf32> {attune.name = "v", attune.dims = ["N", "", ""]}) -> (tensor<?x2x16xf32> {attune.name = "out"}) {
  %minus = arith.constant -0.8 : f32
  %s1 = attn.dot %q, %k : tensor<?x2x8xf32>, tensor<?x2x8xf32>
  %s2 = attn.dot %q2, %k2 : tensor<?x2x8xf32>, tensor<?x2x8xf32>
  %p1 = attn.softmax %s1 : !attn.matrix<2x?x?xf32>
  %p2 = attn.softmax %s2 : !attn.matrix<2x?x?xf32>
  %m = attn.scale %p2 scalar(%minus) : !attn.matrix<2x?x?xf32>
  %d = attn.add %p1, %m : !attn.matrix<2x?x?xf32>, !attn.matrix<2x?x?xf32>
  %out = attn.apply %d, %v : !attn.matrix<2x?x?xf32>, tensor<?x2x16xf32>
  return %out : tensor<?x2x16xf32>
}

// JSON: "functions"
// JSON: "small_dot"
// JSON: "flop": "153600"
// JSON: "declined"
// JSON: "reason": "dearer"
