// RUN: attune-compile %s --stop-after=entry | FileCheck %s

// Private functions are gone after the entry stage; even a matrix may be handed to one.
// CHECK-LABEL: func.func @model(
// CHECK: attn.dot
// CHECK: attn.apply
// CHECK: nn.relu
// CHECK-NOT: call
// CHECK-NOT: func.func private
func.func private @product(%a: !attn.matrix<?x?xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  %r = nn.relu %o : tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
func.func @model(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %a = attn.dot %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %o = func.call @product(%a, %x) : (!attn.matrix<?x?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}
