// Hop distances and the bytes that they take, against the reference, of graphs around every limit of the
// layout: settled by size, by a bound, by a long path, and only by searches from all nodes.
//
// RUN: attune-compile %s -o %t.so
// RUN: %python %S/Inputs/hop_tables.py %t.graphs.safetensors
// RUN: attune-run %s --target=reference --bind=%t.graphs.safetensors -o %t.reference.safetensors
// RUN: attune-run %t.so --bind=%t.graphs.safetensors --expect=%t.reference.safetensors --rtol=0 --atol=0 --threads=1 -o %t.one.safetensors
// RUN: attune-run %t.so --bind=%t.graphs.safetensors --expect=%t.reference.safetensors --rtol=0 --atol=0 --threads=2 -o %t.two.safetensors
// RUN: cmp %t.one.safetensors %t.two.safetensors
// RUN: %python %S/Inputs/hop_tables.py %t.graphs.safetensors %t.two.safetensors
func.func @hops(%list: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"},
                %graphs: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"], attune.offsets_of = "N"},
                %x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]})
    -> (tensor<?xi64> {attune.name = "starts"}, tensor<?xf32> {attune.name = "sums"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.dim %list, %c1 : tensor<2x?xi64>
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %g1 = tensor.dim %graphs, %c0 : tensor<?xi64>
  %n1 = arith.addi %n, %c1 : index
  %rows = tensor.empty(%n1) : tensor<?xi64>
  %entries = tensor.empty(%e) : tensor<?xi32>
  %csr:3 = nn.csr %list outs(%rows, %entries, %entries : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>) by_source
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %init = tensor.empty(%g1) : tensor<?xi64>
  %starts = nn.hop_layout %csr#0, %csr#1, %graphs outs(%init : tensor<?xi64>)
      : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> tensor<?xi64>
  %hops = attn.hops %csr#0, %csr#1, %graphs : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %sums = attn.row_sums %hops : !attn.matrix<?x?xf32>
  return %starts, %sums : tensor<?xi64>, tensor<?xf32>
}
