// The attention matrix: %p = normalize_rows(1 + q.k / (|q| |k|)), or of sigmoid(q.k).
//if simple
  %qn = nn.frobenius_normalize %q : tensor<?x${heads}x${key}xf32>
  %kn = nn.frobenius_normalize %k : tensor<?x${heads}x${key}xf32>
  %dot = attn.dot %qn, %kn : tensor<?x${heads}x${key}xf32>, tensor<?x${heads}x${key}xf32>
  %ones = attn.splat %one sizes(%n, %m) : !attn.matrix<${heads}x?x?xf32>
  %a = attn.add %ones, %dot : !attn.matrix<${heads}x?x?xf32>, !attn.matrix<${heads}x?x?xf32>
//else
  %dot = attn.dot %q, %k : tensor<?x${heads}x${key}xf32>, tensor<?x${heads}x${key}xf32>
  %a = attn.map %dot kernel "sigmoid" : (!attn.matrix<${heads}x?x?xf32>) -> !attn.matrix<${heads}x?x?xf32> {
  ^bb0(%x0: f32):
    %unit = arith.constant 1.0 : f32
    %negated = arith.negf %x0 : f32
    %power = math.exp %negated : f32
    %below = arith.addf %unit, %power : f32
    %sigmoid = arith.divf %unit, %below : f32
    attn.yield %sigmoid : f32
  }
//end
//if segments
  %inside = attn.restrict %a segments(%graph_offsets : tensor<?xi64>) : !attn.matrix<${heads}x?x?xf32>
  %p = attn.normalize_rows %inside : !attn.matrix<${heads}x?x?xf32>
//else
//if rows_in_normaliser
// The published code adds the number of queries, not of keys, to the normaliser.
  %rowSums = attn.row_sums %dot : !attn.matrix<${heads}x?x?xf32>
  %rows = arith.index_cast %n : index to i64
  %count = arith.sitofp %rows : i64 to f32
  %factor = nn.map %rowSums scalars(%count) : (tensor<?x${heads}xf32>) -> tensor<?x${heads}xf32> {
  ^bb0(%sum: f32, %number: f32):
    %unit = arith.constant 1.0 : f32
    %below = arith.addf %number, %sum : f32
    %inverse = arith.divf %unit, %below : f32
    attn.yield %inverse : f32
  }
  %p = attn.scale %a rows(%factor : tensor<?x${heads}xf32>) : !attn.matrix<${heads}x?x?xf32>
//else
  %p = attn.normalize_rows %a : !attn.matrix<${heads}x?x?xf32>
//end
//end
