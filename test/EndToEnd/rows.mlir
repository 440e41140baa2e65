// Layers on tensors with several open dimensions, with none at all, and with empty static ones: compiled code against
// the reference.
// RUN: attune-compile %s -o %t.so
// RUN: attune-run %s --target=reference --entry=rows --random B=3 --random N=5 -o %t.rows.safetensors
// RUN: attune-run %t.so --entry=rows --random B=3 --random N=5 --expect %t.rows.safetensors --rtol 1e-6 --atol 0
// RUN: attune-run %t.so --entry=rows --random B=0 --random N=5
// RUN: attune-run %s --target=reference --entry=vector --random N=1 -o %t.vector.safetensors
// RUN: attune-run %t.so --entry=vector --random N=1 --expect %t.vector.safetensors --rtol 1e-6 --atol 0
// RUN: attune-run %t.so --entry=empty --random N=3
// RUN: attune-run %t.so --entry=landmarks --random N=3 -o %t.landmarks.safetensors
// RUN: attune-run %s --target=reference --entry=landmarks --random N=3 --expect %t.landmarks.safetensors

func.func @rows(%x: tensor<?x?x2x16xf32> {attune.name = "x", attune.dims = ["B", "N", "", ""]},
                %w: tensor<3x16xf32> {attune.name = "w"}, %b: tensor<3xf32> {attune.name = "b"})
    -> (tensor<?x?x2x3xf32> {attune.name = "y"}) attributes {attune.sizes = {B = "batch"}} {
  %y = nn.linear %x, %w bias(%b) : tensor<?x?x2x16xf32>, tensor<3x16xf32>, tensor<3xf32>
  return %y : tensor<?x?x2x3xf32>
}

func.func @vector(%x: tensor<16xf32> {attune.name = "x"}, %w: tensor<3x16xf32> {attune.name = "w"},
                  %n: tensor<?xf32> {attune.name = "n", attune.dims = ["N"]}) -> (tensor<3xf32> {attune.name = "y"}) {
  %y = nn.linear %x, %w : tensor<16xf32>, tensor<3x16xf32>
  return %y : tensor<3xf32>
}

func.func @empty(%x: tensor<2x0x0xf32> {attune.name = "x"}, %n: tensor<?xf32> {attune.name = "n", attune.dims = ["N"]})
    -> (tensor<2x0x0xf32> {attune.name = "y"}) {
  %o = tensor.empty() : tensor<2x0x0xf32>
  %y = nn.cholesky_inverse %x outs(%o : tensor<2x0x0xf32>) : tensor<2x0x0xf32> -> tensor<2x0x0xf32>
  return %y : tensor<2x0x0xf32>
}

// No landmark: every product is empty.
func.func @landmarks(%q: tensor<?x2x8xf32> {attune.name = "q", attune.dims = ["N", "", ""]},
                     %l: tensor<0x2x8xf32> {attune.name = "l"}, %x: tensor<2x0x0xf32> {attune.name = "inverse"})
    -> (tensor<?x2x8xf32> {attune.name = "y"}) {
  %c = attn.dot %q, %l : tensor<?x2x8xf32>, tensor<0x2x8xf32>
  %m = attn.nystrom %c, %x : !attn.matrix<2x?x0xf32>, tensor<2x0x0xf32>
  %y = attn.apply %m, %q : !attn.matrix<2x?x?xf32>, tensor<?x2x8xf32>
  return %y : tensor<?x2x8xf32>
}
