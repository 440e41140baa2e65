// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' -split-input-file -verify-diagnostics
// Blocks are visited inside of their segments, along their rows, one table in each stream.

func.func @filled(%q: tensor<5x8xf32>, %table: tensor<13xf32>) -> tensor<5x8xf32> {
  %offsets = arith.constant dense<[0, 2, 5]> : tensor<3xi64>
  %n = arith.constant 5 : index
  %zero = arith.constant 0.0 : f32
  %t = attn.blocks %table, %offsets size(%n) : tensor<13xf32>, tensor<3xi64> -> !attn.matrix<5x5xf32>
  %f = attn.fill %t, %zero : !attn.matrix<5x5xf32>
  // expected-error @+1 {{is not supported for fill(blocks): stored blocks are visited inside of their segments only}}
  %r = attn.apply %f, %q : !attn.matrix<5x5xf32>, tensor<5x8xf32>
  return %r : tensor<5x8xf32>
}

// -----
func.func @transposed(%q: tensor<5x8xf32>, %table: tensor<13xf32>) -> tensor<5x8xf32> {
  %offsets = arith.constant dense<[0, 2, 5]> : tensor<3xi64>
  %n = arith.constant 5 : index
  %t = attn.blocks %table, %offsets size(%n) : tensor<13xf32>, tensor<3xi64> -> !attn.matrix<5x5xf32>
  %u = attn.transpose %t : !attn.matrix<5x5xf32>
  // expected-error @+1 {{stored blocks are visited along their rows only}}
  %r = attn.apply %u, %q : !attn.matrix<5x5xf32>, tensor<5x8xf32>
  return %r : tensor<5x8xf32>
}

// -----
func.func @two_tables(%q: tensor<5x8xf32>, %table: tensor<13xf32>, %other: tensor<13xf32>) -> tensor<5x8xf32> {
  %offsets = arith.constant dense<[0, 2, 5]> : tensor<3xi64>
  %n = arith.constant 5 : index
  %t = attn.blocks %table, %offsets size(%n) : tensor<13xf32>, tensor<3xi64> -> !attn.matrix<5x5xf32>
  %u = attn.blocks %other, %offsets size(%n) : tensor<13xf32>, tensor<3xi64> -> !attn.matrix<5x5xf32>
  %p = attn.hadamard %t, %u : !attn.matrix<5x5xf32>, !attn.matrix<5x5xf32>
  // expected-error @+1 {{the blocks of two tables meet in one entry}}
  %r = attn.apply %p, %q : !attn.matrix<5x5xf32>, tensor<5x8xf32>
  return %r : tensor<5x8xf32>
}
