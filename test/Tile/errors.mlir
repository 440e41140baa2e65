// RUN: attune-opt %s --attune-tile-stream -split-input-file -verify-diagnostics
func.func @tensors(%v: tensor<?x1x4xf32>, %o: tensor<?x1x4xf32>, %n: index) -> tensor<?x1x4xf32> {
  // expected-error @+1 {{has tensor operands, expected memrefs (bufferize first)}}
  %r = attn.stream size(%n, %n) values(%v : tensor<?x1x4xf32>) outs(%o : tensor<?x1x4xf32>)
      -> tensor<?x1x4xf32>
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink apply>]} {
  ^bb0(%i: index, %j: index):
    %one = arith.constant 1.0 : f32
    attn.yield %one : f32
  }
  return %r : tensor<?x1x4xf32>
}

// -----
func.func @strided(%o: memref<1x?x?xf32, strided<[?, ?, ?]>>, %n: index) {
  // expected-error @+1 {{stores entries to a memref whose last dimension is not contiguous}}
  attn.stream size(%n, %n) outs(%o : memref<1x?x?xf32, strided<[?, ?, ?]>>)
      attributes {distance = array<i1>, elements = array<i64: 0>, sinks = [#attn<sink materialize>]} {
  ^bb0(%i: index, %j: index):
    %one = arith.constant 1.0 : f32
    attn.yield %one : f32
  }
  return
}
