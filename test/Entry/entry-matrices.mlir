// RUN: attune-opt %s --attune-entry -split-input-file -verify-diagnostics

// expected-error @+1 {{`argument` takes or returns a matrix, which is not supported}}
func.func @argument(%a: !attn.matrix<?x?xf32>, %v: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o = attn.apply %a, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----
// expected-error @+1 {{`result` takes or returns a matrix, which is not supported}}
func.func private @result(%q: tensor<?x4xf32>) -> !attn.matrix<?x?xf32> {
  %a = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  return %a : !attn.matrix<?x?xf32>
}

// -----
func.func @branch(%c: tensor<i1>, %q: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %condition = tensor.extract %c[] : tensor<i1>
  %a = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-error @+1 {{a matrix as result of `scf.if` is not supported, only the ops of the algebra make matrices}}
  %b = scf.if %condition -> !attn.matrix<?x?xf32> {
    scf.yield %a : !attn.matrix<?x?xf32>
  } else {
    %t = attn.transpose %a : !attn.matrix<?x?xf32>
    scf.yield %t : !attn.matrix<?x?xf32>
  }
  %o = attn.apply %b, %q : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// -----
func.func @block(%q: tensor<?x4xf32>) {
  %a = attn.dot %q, %q : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-error @+1 {{a matrix as argument of a block is not supported}}
  scf.execute_region {
    cf.br ^next(%a : !attn.matrix<?x?xf32>)
  ^next(%b: !attn.matrix<?x?xf32>):
    scf.yield
  }
  return
}
