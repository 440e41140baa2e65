// Products of matrices of all kinds: of long and short rows, from either side, batches, a convolution,
// streams with one and two products, a softmax, a mask, distances.
func.func @matmul(%a: tensor<?x37xf32> {attune.name = "a", attune.dims = ["N", ""]},
                  %b: tensor<37x21xf32> {attune.name = "b"}, %c: tensor<21x37xf32> {attune.name = "c"})
    -> (tensor<?x21xf32> {attune.name = "ab", attune.dims = ["N", ""]},
        tensor<?x21xf32> {attune.name = "act", attune.dims = ["N", ""]},
        tensor<37x37xf32> {attune.name = "ata"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x37xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x21xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x21xf32>) -> tensor<?x21xf32>
  %ab = linalg.matmul ins(%a, %b : tensor<?x37xf32>, tensor<37x21xf32>) outs(%init : tensor<?x21xf32>) -> tensor<?x21xf32>
  %act = nn.linear %a, %c : tensor<?x37xf32>, tensor<21x37xf32>
  %small = tensor.empty() : tensor<37x37xf32>
  %smallInit = linalg.fill ins(%zero : f32) outs(%small : tensor<37x37xf32>) -> tensor<37x37xf32>
  %ata = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                                          affine_map<(m, n, k) -> (m, n)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %a : tensor<?x37xf32>, tensor<?x37xf32>) outs(%smallInit : tensor<37x37xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<37x37xf32>
  return %ab, %act, %ata : tensor<?x21xf32>, tensor<?x21xf32>, tensor<37x37xf32>
}

// Entries max(q k, 0): small whole numbers stay small whole numbers.
func.func @stream(%q: tensor<?x2x5xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                  %k: tensor<?x2x5xf32> {attune.name = "k", attune.dims = ["M", "", ""]},
                  %v: tensor<?x2x11xf32> {attune.name = "v", attune.dims = ["M", "", ""]})
    -> (tensor<?x2x11xf32> {attune.name = "o", attune.dims = ["N", "", ""]},
        tensor<?x2xf32> {attune.name = "sums", attune.dims = ["N", ""]}) {
  %d = attn.dot %q, %k : tensor<?x2x5xf32>, tensor<?x2x5xf32>
  %p = attn.map %d : (!attn.matrix<2x?x?xf32>) -> !attn.matrix<2x?x?xf32> {
  ^bb0(%x: f32):
    %zero = arith.constant 0.0 : f32
    %y = arith.maximumf %x, %zero : f32
    attn.yield %y : f32
  }
  %o = attn.apply %p, %v : !attn.matrix<2x?x?xf32>, tensor<?x2x11xf32>
  %sums = attn.row_sums %p : !attn.matrix<2x?x?xf32>
  return %o, %sums : tensor<?x2x11xf32>, tensor<?x2xf32>
}

func.func @softmax(%q: tensor<?x24xf32> {attune.name = "q", attune.dims = ["N", ""]},
                   %v: tensor<?x40xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x40xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %o = attn.attention %q, %q, %v kernel = "exp" normalize = "softmax"
      : tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x40xf32>
  return %o : tensor<?x40xf32>
}

func.func @gaussian(%q: tensor<?x24xf32> {attune.name = "q", attune.dims = ["N", ""]},
                    %v: tensor<?x40xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x40xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %o = attn.attention %q, %q, %v kernel = "gaussian" normalize = "rows"
      : tensor<?x24xf32>, tensor<?x24xf32>, tensor<?x40xf32>
  return %o : tensor<?x40xf32>
}

// Rows of more than 128 numbers come to shared memory in parts.
func.func @deep(%q: tensor<?x150xf32> {attune.name = "q", attune.dims = ["N", ""]},
                %v: tensor<?x8xf32> {attune.name = "v", attune.dims = ["N", ""]})
    -> (tensor<?x8xf32> {attune.name = "o", attune.dims = ["N", ""]}) {
  %o = attn.attention %q, %q, %v kernel = "sigmoid" normalize = "rows"
      : tensor<?x150xf32>, tensor<?x150xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}
