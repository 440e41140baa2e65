// SOFT's attention on %x: %attended = Wo(C Y C^T V + conv(V)), C = gaussian(Q, L), L the landmarks,
// Y the Newton inverse of gaussian(L, L).
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %x, %c0 : !x
  %ql = nn.linear %x, %${mha}W_q.weight bias(%${mha}W_q.bias) : !x, !weight, !vector
  %scaled = nn.map %ql : (!x) -> !x {
  ^bb0(%element: f32):
    %exact = arith.constant $scale : f64
    %scale = arith.truncf %exact : f64 to f32
    %product = arith.mulf %element, %scale : f32
    attn.yield %product : f32
  }
  %q = tensor.expand_shape %scaled [[0], [1], [2, 3]] output_shape [%batch, $rows, $heads, $key]
      : !x into !heads
  %v = nn.linear %x, %${mha}W_v.weight bias(%${mha}W_v.bias) : !x, !weight, !vector

  %e0 = tensor.empty(%batch) : !byHead
  %l0 = linalg.transpose ins(%q : !heads) outs(%e0 : !byHead) permutation = [0, 2, 1, 3]
  %l1 = tensor.collapse_shape %l0 [[0, 1], [2], [3]] : !byHead into !joined
  %images = tensor.dim %l1, %c0 : !joined
  %l2 = tensor.expand_shape %l1 [[0], [1, 2], [3]] output_shape [%images, $height, $breadth, $key]
      : !joined into !grids
  %l3 = nn.conv2d %l2, %${mha}attn.Qlandmark_op.weight strides [$ratio, $ratio] : !grids, !reduce
  %l4 = nn.layer_norm %l3, %${mha}attn.Qnorm_act.0.weight, %${mha}attn.Qnorm_act.0.bias
      : !marksGrids, !small, !small
  %l5 = nn.gelu %l4 : !marksGrids
  %l6 = tensor.collapse_shape %l5 [[0], [1, 2], [3]] : !marksGrids into !marksJoined
  %l7 = tensor.expand_shape %l6 [[0, 1], [2], [3]] output_shape [%batch, $heads, $landmarks, $key]
      : !marksJoined into !marksByHead
  %e1 = tensor.empty(%batch) : !marks
  %l = linalg.transpose ins(%l7 : !marksByHead) outs(%e1 : !marks) permutation = [0, 2, 1, 3]

  %distance = attn.distance %q, %l : !heads, !marks
  %c = attn.map %distance kernel "gaussian" : (!tall) -> !tall {
//include gaussian.mlir
  }
  %between = attn.distance %l, %l : !marks, !marks
  %w = attn.map %between kernel "gaussian" : (!square) -> !square {
//include gaussian.mlir
  }
  %table = attn.materialize %w : !square
  %inverse = nn.newton_inverse %table {$newton} : !table
//if norm
  %sums = attn.row_sums %w : !square
  %roots = nn.map %sums : (!roots) -> !roots {
  ^bb0(%sum: f32):
    %root = math.rsqrt %sum : f32
    attn.yield %root : f32
  }
  %cd = attn.scale %c cols(%roots : !roots) : !tall
  %pairs = attn.nystrom %cd, %inverse : !tall, !table
//else
  %pairs = attn.nystrom %c, %inverse : !tall, !table
//end
  %vh = tensor.expand_shape %v [[0], [1], [2, 3]] output_shape [%batch, $rows, $heads, $key]
      : !x into !heads
  %y0 = attn.apply %pairs, %vh : !pairs, !heads
  %y1 = tensor.collapse_shape %y0 [[0], [1], [2, 3]] : !heads into !x

  %e2 = tensor.empty() : !repeated
  %k0 = linalg.broadcast ins(%${mha}attn.conv.weight : !kernels) outs(%e2 : !repeated)
      dimensions = [1]
  %k1 = tensor.collapse_shape %k0 [[0, 1], [2], [3], [4]] : !repeated into !flat
  %v0 = tensor.expand_shape %v [[0], [1, 2], [3]] output_shape [%batch, $height, $breadth, $width]
      : !x into !image
  %v1 = nn.conv2d %v0, %k1 padding [$padding, $padding] groups $width : !image, !flat
  %v2 = tensor.collapse_shape %v1 [[0], [1, 2], [3]] : !image into !x
  %y = arith.addf %y1, %v2 : !x
  %attended = nn.linear %y, %${mha}ff.weight bias(%${mha}ff.bias) : !x, !weight, !vector
