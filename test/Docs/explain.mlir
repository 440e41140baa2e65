// The examples of docs/how-to/read-an-explanation.md.
//
// RUN: attune-compile %s --explain | FileCheck %s --check-prefix=EXPLAIN
// RUN: attune-compile %s --explain --disable=polynomial | FileCheck %s --check-prefix=DISABLED
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
// EXPLAIN-NEXT: {{.*: }}attn.apply is computed as choose(polynomial(degree 2, factored(rank 64)), streamed(map)): {{.*}} at N = 10000 ({{.*}})
// EXPLAIN:   - polynomial, the polynomial of the dot product becomes products of its factors: {{.*}}
// EXPLAIN:   - stream, the pairs of map are visited: {{.*}}
// EXPLAIN:   - guard, the cheaper of both forms is taken when the program runs: {{.*}}
// DOC: square.disabled
// DISABLED: function square
// DISABLED-NEXT: {{.*: }}attn.apply is computed as
// DISABLED-NEXT:   - declined polynomial, disabled: {{.*}}
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
