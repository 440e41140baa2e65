// The matrix of DIFFormer's graph term: an edge j -> i weighs w / sqrt(d_i d_j), d the number of edges
// into a node; a weight that is not finite (a node without edges into it) is 0. One head.
  %e = tensor.dim %edge_index, %c1 : tensor<2x?xi64>
  %n1 = arith.addi %n, %c1 : index
  %offsets = tensor.empty(%n1) : tensor<?xi64>
  %columns = tensor.empty(%e) : tensor<?xi32>
  %edges = tensor.empty(%e) : tensor<?xi32>
  %csr:3 = nn.csr %edge_index outs(%offsets, %columns, %edges : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %pattern = attn.adjacency %csr#0, %csr#1 columns(%n) : tensor<?xi64>, tensor<?xi32>
  %degree = attn.row_sums %pattern : !attn.matrix<?x?xf32>
  %root = nn.map %degree : (tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%d: f32):
    %unit = arith.constant 1.0 : f32
    %inverse = arith.divf %unit, %d : f32
    %r = math.sqrt %inverse : f32
    attn.yield %r : f32
  }
  %source = tensor.extract_slice %edge_index[0, 0] [1, %e] [1, 1] : tensor<2x?xi64> to tensor<?xi64>
  %target = tensor.extract_slice %edge_index[1, 0] [1, %e] [1, 1] : tensor<2x?xi64> to tensor<?xi64>
  %atTarget = nn.gather %root, %target : tensor<?xf32>, tensor<?xi64>
  %atSource = nn.gather %root, %source : tensor<?xf32>, tensor<?xi64>
//if edge_weight
  %weight = nn.map %edge_weight, %atTarget, %atSource : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%w: f32, %t: f32, %s: f32):
    %wt = arith.mulf %w, %t : f32
//else
  %weight = nn.map %atTarget, %atSource : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%wt: f32, %s: f32):
//end
    %zero = arith.constant 0.0 : f32
    %infinity = arith.constant 0x7F800000 : f32
    %value = arith.mulf %wt, %s : f32
    %size = math.absf %value : f32
    %finite = arith.cmpf olt, %size, %infinity : f32
    %kept = arith.select %finite, %value, %zero : f32
    attn.yield %kept : f32
  }
  %sorted = nn.gather %weight, %csr#2 : tensor<?xf32>, tensor<?xi32>
  %values = tensor.expand_shape %sorted [[0, 1]] output_shape [%e, 1] : tensor<?xf32> into tensor<?x1xf32>
  %graph = attn.adjacency %csr#0, %csr#1 values(%values) columns(%n)
      : tensor<?xi64>, tensor<?xi32>, tensor<?x1xf32>
