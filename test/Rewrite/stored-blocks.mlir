// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' -split-input-file -verify-diagnostics -o /dev/null

// Stored blocks are visited row by row, inside their segments; all else is not supported.

func.func @transposed(%t: tensor<?xf32>, %s: tensor<?xi64>, %n: index, %v: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %m = attn.transpose %b : !attn.matrix<?x?xf32>
  // expected-error @+1 {{stored blocks are visited along their rows only}}
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// -----

func.func @filled(%t: tensor<?xf32>, %s: tensor<?xi64>, %n: index, %v: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %one = arith.constant 1.0 : f32
  %m = attn.fill %b, %one : !attn.matrix<?x?xf32>
  // expected-error @+1 {{stored blocks are visited inside of their segments only}}
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// -----

func.func @other_segments(%t: tensor<?xf32>, %s: tensor<?xi64>, %u: tensor<?xi64>, %n: index, %v: tensor<?x3xf32>)
    -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %m = attn.restrict %b segments(%u : tensor<?xi64>) : !attn.matrix<?x?xf32>
  // expected-error @+1 {{stored blocks are visited inside of their segments only}}
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// -----

func.func @edges(%t: tensor<?xf32>, %s: tensor<?xi64>, %off: tensor<?xi64>, %col: tensor<?xi32>, %n: index,
    %v: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %a = attn.adjacency %off, %col columns(%n) : tensor<?xi64>, tensor<?xi32>
  %m = attn.hadamard %b, %a : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  // expected-error @+1 {{stored blocks are visited inside of their segments only}}
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// -----

func.func @two_tables(%t: tensor<?xf32>, %u: tensor<?xf32>, %s: tensor<?xi64>, %n: index, %v: tensor<?x3xf32>)
    -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %c = attn.blocks %u, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %m = attn.hadamard %b, %c : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  // expected-error @+1 {{the blocks of two tables meet in one entry}}
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}

// -----

// A sum of two sinks is one pass for each.
func.func @sum(%t: tensor<?xf32>, %u: tensor<?xf32>, %s: tensor<?xi64>, %n: index, %v: tensor<?x3xf32>)
    -> tensor<?x3xf32> {
  %b = attn.blocks %t, %s size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32>
  %c = attn.dot %v, %v : tensor<?x3xf32>, tensor<?x3xf32>
  %m = attn.add %b, %c : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %o = attn.apply %m, %v : !attn.matrix<?x?xf32>, tensor<?x3xf32>
  return %o : tensor<?x3xf32>
}
