// The examples of docs/how-to/read-an-explanation.md.
//
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=EXPLAIN
// RUN: attune-compile %s --explain --disable=polynomial | FileCheck %s --check-prefix=DISABLED
// RUN: attune-compile %s --explain=json | FileCheck %s --check-prefix=JSON
// RUN: attune-opt %s --attune-linearize | FileCheck %s --check-prefix=IR
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --seed=7

// DOC: sigmoid
func.func @sigmoid(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                   %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                   %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out"}) {
  %out = attn.attention %q, %k, %v kernel = "sigmoid" normalize = "rows"
      : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}
// DOC: sigmoid.text
// EXPLAIN: function sigmoid
// EXPLAIN-NEXT: {{.*: }}attn.apply is computed as normalized(streamed(sigmoid)): {{.*}}
// EXPLAIN-NEXT:   - declined polynomial, entrywise-function: `math.exp` at {{.*}}
// EXPLAIN-NEXT:   - stream, the pairs of sigmoid are visited (entrywise-function: `math.exp` at {{.*}}): {{.*}}
// EXPLAIN-NEXT:   - row-normalizer, the row sums ride along with the product, which is divided once: {{.*}}
// DOC: sigmoid.json
// JSON: "sigmoid": {
// JSON-NEXT:   "memory_bytes": "{{.*}}",
// JSON-NEXT:   "sinks": [
// JSON-NEXT:     {
// JSON-NEXT:       "at": "{{.*}}",
// JSON-NEXT:       "flop": "261*N^2 + 64*N",
// JSON-NEXT:       "form": "normalized(streamed(sigmoid))",
// JSON-NEXT:       "nodes": [
// JSON-NEXT:         {
// JSON-NEXT:           "all_pairs_flop": "261*N^2",
// JSON-NEXT:           "at": "{{.*}}",
// JSON-NEXT:           "declined": [
// JSON-NEXT:             {
// JSON-NEXT:               "at": "{{.*}}",
// JSON-NEXT:               "op": "math.exp",
// JSON-NEXT:               "reason": "entrywise-function",
// JSON-NEXT:               "rewrite": "polynomial"
// JSON-NEXT:             }
// JSON-NEXT:           ],
// JSON-NEXT:           "flop": "261*N^2",
// JSON-NEXT:           "form": "stream",
// JSON-NEXT:           "op": "attn.map",
// JSON-NEXT:           "own_flop": "261*N^2",
// JSON-NEXT:           "request": "apply, row_sum",
// JSON-NEXT:           "text": "streamed(sigmoid)"
// JSON-NEXT:         },
// JSON-NEXT:         {
// JSON-NEXT:           "all_pairs_flop": "261*N^2 + 64*N",
// JSON-NEXT:           "at": "{{.*}}",
// JSON-NEXT:           "children": [
// JSON-NEXT:             {
// JSON-NEXT:               "flop": "261*N^2",
// JSON-NEXT:               "node": 0
// JSON-NEXT:             }
// JSON-NEXT:           ],
// JSON-NEXT:           "flop": "261*N^2 + 64*N",
// JSON-NEXT:           "form": "factored",
// JSON-NEXT:           "op": "attn.normalize_rows",
// JSON-NEXT:           "own_flop": "64*N",
// JSON-NEXT:           "request": "apply",
// JSON-NEXT:           "rewrite": "row-normalizer",
// JSON-NEXT:           "text": "normalized(streamed(sigmoid))"
// JSON-NEXT:         }
// JSON-NEXT:       ],
// JSON-NEXT:       "other_flop": "261*N^2 + 64*N",
// JSON-NEXT:       "place": "{{.*}}",
// JSON-NEXT:       "sinks": [
// JSON-NEXT:         "attn.apply"
// JSON-NEXT:       ]
// JSON-NEXT:     }
// JSON-NEXT:   ]
// JSON-NEXT: },
// DOC-END

// DOC: square
func.func @square(%q: tensor<?x64xf32> {attune.name = "q", attune.dims = ["N", ""]},
                  %k: tensor<?x64xf32> {attune.name = "k", attune.dims = ["N", ""]},
                  %v: tensor<?x64xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x64xf32> {attune.name = "out"}) {
  %s = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32>
  %a = attn.map %s : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %square = arith.mulf %x, %x : f32
    attn.yield %square : f32
  }
  %out = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}
// DOC: square.text
// EXPLAIN: function square
// EXPLAIN-NEXT: {{.*: }}attn.apply is computed as choose(polynomial(degree 2, factored(rank 64)), streamed(map)): 10.6 GFLOP or 25.7 GFLOP instead of 25.7 GFLOP at N = 10000 (1060864*N or 257*N^2 instead of 257*N^2)
// EXPLAIN-NEXT:   - associativity, Q K^T V is computed as Q (K^T V): {{.*}}
// EXPLAIN-NEXT:   - factored-product, the product with a factored matrix becomes one product for each of its columns: {{.*}}
// EXPLAIN-NEXT:   - polynomial, the polynomial of the dot product becomes products of its factors: {{.*}} (1060864*N instead of 257*N^2)
// EXPLAIN-NEXT:   - stream, the pairs of map are visited: {{.*}} (257*N^2)
// EXPLAIN-NEXT:   - guard, the cheaper of both forms is taken when the program runs: {{.*}}
// DOC: square.disabled
// DISABLED: function square
// DISABLED-NEXT: {{.*: }}attn.apply is computed as streamed(map): {{.*}} (257*N^2)
// DISABLED-NEXT:   - declined polynomial, disabled: {{.*}}
// DISABLED-NEXT:   - stream, the pairs of map are visited (disabled): {{.*}}
// DOC: square.ir
// IR-LABEL: func.func @square({{.*}}) {{.*}} {
// IR:   %[[CHEAPER:.*]] = arith.cmpf ole, %[[LINEAR:.*]], %[[STREAMED:.*]] : f64
// IR-NEXT:   %[[OUT:.*]] = scf.if %[[CHEAPER]] -> (tensor<?x64xf32>) {
// IR:     scf.yield {{.*}}
// IR:   } else {
// IR:     attn.stream {{.*}}
// IR:     scf.yield {{.*}}
// IR:   } {attune.forms = ["linear", "streamed"]}
// DOC-END
