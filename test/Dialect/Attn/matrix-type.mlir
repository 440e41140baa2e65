// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s

// Types of arguments, results and calls; no size is too small.
// CHECK-LABEL: func.func private @types
// CHECK-SAME: !attn.matrix<?x?xf32>, !attn.matrix<4x?x0x1xf32>) -> !attn.matrix<0x0xf32>
func.func private @types(%a: !attn.matrix<?x?xf32>, %b: !attn.matrix<4x?x0x1xf32>) -> !attn.matrix<0x0xf32>

// -----

// expected-error @+1 {{matrix type must have at least rows and columns, got rank 1}}
func.func private @rank(!attn.matrix<4xf32>)

// -----

// expected-error @+1 {{matrix type must have at least rows and columns, got rank 0}}
func.func private @rank_zero(!attn.matrix<f32>)

// -----

// expected-error @+1 {{matrix element type must be f32, got 'f64'}}
func.func private @element(!attn.matrix<4x4xf64>)

// -----

// expected-error @+1 {{matrix element type must be f32, got 'vector<2xf32>'}}
func.func private @vector(!attn.matrix<4x4xvector<2xf32>>)

// -----

// expected-error @+1 {{expected '<'}}
func.func private @empty(!attn.matrix)
