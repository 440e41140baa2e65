// The Newton inverse of K [.., m, m] as SOFT uses it: with a ridge (plain); without, but with a
// bound (norm); the latter between D = 1 / sqrt(row sums of K) on both sides (normD).
func.func @newton(%K: $matrices {attune.name = "K"})
    -> ($matrices {attune.name = "plain"}, $matrices {attune.name = "norm"},
        $matrices {attune.name = "normD"}) {
  %plain = nn.newton_inverse %K {$plain} : $matrices
  %norm = nn.newton_inverse %K {$norm} : $matrices
  %matrix = attn.dense %K : $matrices
  %sums = attn.row_sums %matrix : $matrix
  %roots = nn.map %sums : ($sums) -> $sums {
  ^bb0(%sum: f32):
    %root = math.rsqrt %sum : f32
    attn.yield %root : f32
  }
  %inverse = attn.dense %norm : $matrices
  %scaled = attn.scale %inverse rows(%roots : $sums) cols(%roots : $sums) : $matrix
  %normD = attn.materialize %scaled : $matrix
  return %plain, %norm, %normD : $matrices, $matrices, $matrices
}
