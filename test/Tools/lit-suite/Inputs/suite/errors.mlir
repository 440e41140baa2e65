// RUN: attune-opt %s --split-input-file --verify-diagnostics -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(attune-linearize,func.func(attune-verify-growth))'

func.func @widths(%q: tensor<?x4xf32>, %k: tensor<?x5xf32>) {
  // expected-error @below {{`k` has width 5, expected 4, the width of `q` (C2)}}
  %scores = attn.dot %q, %k : tensor<?x4xf32>, tensor<?x5xf32>
  return
}

// -----

// expected-error @below {{argument 0 of `misspelled` has the unknown attribute `attune.nam`}}
func.func @misspelled(%x: tensor<?x4xf32> {attune.nam = "x"}) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// -----

func.func @stored(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x?xf32> {
  %scores = attn.dot %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-error @below {{result has N^2 elements, which grows faster than linearly in `N`}}
  // expected-note @below {{or allow the size by name with --allow=<size>}}
  %table = attn.materialize %scores : !attn.matrix<?x?xf32>
  return %table : tensor<?x?xf32>
}
