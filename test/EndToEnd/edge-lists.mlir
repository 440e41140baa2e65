// Edge lists sorted by row: in one go and, from 65 536 edges on, split by ranges of rows. The same lists
// as by the reference, to the last place, on one thread and on two; with fewer rows than ranges, with
// rows that have no edge, and with all edges in one row.
//
// RUN: attune-compile %s -o %t.so
// RUN: attune-run %t.so --random=N=1 --random=E=70000 -o %t.1.safetensors --threads=2
// RUN: attune-run %s --target=reference --random=N=1 --random=E=70000 --expect=%t.1.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.so --random=N=255 --random=E=65535 -o %t.255.safetensors --threads=2
// RUN: attune-run %s --target=reference --random=N=255 --random=E=65535 --expect=%t.255.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.so --random=N=257 --random=E=65536 -o %t.257.safetensors --threads=2
// RUN: attune-run %s --target=reference --random=N=257 --random=E=65536 --expect=%t.257.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.so --random=N=3000 --random=E=65537 -o %t.3000.safetensors --threads=2
// RUN: attune-run %s --target=reference --random=N=3000 --random=E=65537 --expect=%t.3000.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.so --random=N=500000 --random=E=300001 -o %t.large.safetensors --threads=2
// RUN: attune-run %s --target=reference --random=N=500000 --random=E=300001 --expect=%t.large.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.so --random=N=500000 --random=E=300001 -o %t.one.safetensors --threads=1
// RUN: cmp %t.large.safetensors %t.one.safetensors
//
// On a graphics processor edges come to their rows in any order, and are put into that of the list.
// RUN: attune-compile %s --target=gpu-emulator -o %t.gpu.so
// RUN: attune-run %t.gpu.so --random=N=1 --random=E=0 -o %t.none.safetensors
// RUN: attune-run %s --target=reference --random=N=1 --random=E=0 --expect=%t.none.safetensors --rtol=0 --atol=0
// RUN: attune-run %s --target=reference --random=N=1 --random=E=3000 -o %t.row.safetensors
// RUN: attune-run %t.gpu.so --random=N=1 --random=E=3000 --expect=%t.row.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.gpu.so --random=N=3000 --random=E=65537 --expect=%t.3000.safetensors --rtol=0 --atol=0
// RUN: attune-run %t.gpu.so --random=N=40000 --random=E=1000 -o %t.sparse.safetensors
// RUN: attune-run %s --target=reference --random=N=40000 --random=E=1000 --expect=%t.sparse.safetensors --rtol=0 --atol=0
func.func @sort(%list: tensor<2x?xi64> {attune.name = "edge_index", attune.dims = ["", "E"], attune.below = "N"},
                %x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]})
    -> (tensor<?xi64> {attune.name = "offsets"}, tensor<?xi32> {attune.name = "columns"},
        tensor<?xi32> {attune.name = "edges"}, tensor<?xi64> {attune.name = "source_offsets"},
        tensor<?xi32> {attune.name = "targets"}, tensor<?xi32> {attune.name = "source_edges"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.dim %list, %c1 : tensor<2x?xi64>
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %n1 = arith.addi %n, %c1 : index
  %rows = tensor.empty(%n1) : tensor<?xi64>
  %entries = tensor.empty(%e) : tensor<?xi32>
  %in:3 = nn.csr %list outs(%rows, %entries, %entries : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  %out:3 = nn.csr %list outs(%rows, %entries, %entries : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>)
      drop_self_loops by_source : tensor<2x?xi64> -> tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
  return %in#0, %in#1, %in#2, %out#0, %out#1, %out#2
      : tensor<?xi64>, tensor<?xi32>, tensor<?xi32>, tensor<?xi64>, tensor<?xi32>, tensor<?xi32>
}
