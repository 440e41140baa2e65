// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks),canonicalize,cse)' | FileCheck %s --implicit-check-not='tensor<?x?xf32>'
// RUN: attune-opt %s --pass-pipeline='builtin.module(func.func(attune-linearize-sinks))' --remarks-filter='attune.*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' | FileCheck %s --check-prefix=MEANING
// RUN: attune-compile %s --target=reference --before-after='func.func(attune-linearize-sinks)' --seed=3 | FileCheck %s --check-prefix=MEANING

// What stays quadratic in time, in O(tile) memory, and why.
// MEANING: ok @distance
// CHECK-LABEL: func.func @distance
// CHECK:         attn.stream {{.*}}distance = array<i1: true>
// REMARK:        [Passed] stream {{.*}}Function=distance {{.*}}(distance-not-expanded
func.func @distance(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.distance %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @offset
// CHECK-LABEL: func.func @offset
// CHECK:         attn.stream
// CHECK:           arith.subi
// REMARK:        [Passed] stream {{.*}}Function=offset {{.*}}(position-difference
func.func @offset(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %s = attn.offset sizes(%n, %m) : !attn.matrix<?x?xf32>
  %o = attn.apply %s, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @window
// CHECK-LABEL: func.func @window
// CHECK:         attn.stream {{.*}}masked
// REMARK:        [Passed] stream {{.*}}Function=window {{.*}}(window-mask
func.func @window(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s window [2, 1] : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// MEANING: ok @key_mask
// CHECK-LABEL: func.func @key_mask
// CHECK:         attn.stream {{.*}}cols({{.*}}masked
// REMARK:        [Passed] stream {{.*}}Function=key_mask {{.*}}(key_mask-mask
func.func @key_mask(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                    %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                    %v: tensor<?x4xf32> {attune.dims = ["M", ""]},
                    %keep: tensor<?xi1> {attune.dims = ["M"]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %r = attn.restrict %s key_mask(%keep : tensor<?xi1>) : !attn.matrix<?x?xf32>
  %o = attn.apply %r, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A dot product that two entries use is computed once; the transposed matrix is visited as it lies.
// MEANING: ok @shared
// CHECK-LABEL: func.func @shared
// CHECK-SAME:    %[[Q:[^:]+]]: tensor<?x8xf32>
// CHECK:         attn.stream {{.*}}distance = array<i1: false>
func.func @shared(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %f = attn.map %s kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %a = attn.hadamard %f, %s : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %g = attn.map %a kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %t = attn.transpose %g : !attn.matrix<?x?xf32>
  %o = attn.apply %t, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A normalisation within a function: its row sums come first.
// MEANING: ok @within
// CHECK-LABEL: func.func @within
// CHECK:         attn.stream {{.*}}#attn<sink row_sum>
// CHECK:         attn.stream {{.*}}rows(
func.func @within(%q: tensor<?x8xf32> {attune.dims = ["N", ""]},
                  %k: tensor<?x8xf32> {attune.dims = ["M", ""]},
                  %v: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x4xf32> {
  %s = attn.distance %q, %k : tensor<?x8xf32>, tensor<?x8xf32>
  %p = attn.normalize_rows %s : !attn.matrix<?x?xf32>
  %f = attn.map %p kernel "sigmoid" : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %unit = arith.constant 1.0 : f32
    %minus = arith.negf %x : f32
    %power = math.exp %minus : f32
    %below = arith.addf %unit, %power : f32
    %y = arith.divf %unit, %below : f32
    attn.yield %y : f32
  }
  %o = attn.apply %f, %v : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  return %o : tensor<?x4xf32>
}

// A stored table with few columns: a vector for each, selected by the column.
// MEANING: ok @table
// CHECK-LABEL: func.func @table
// CHECK-COUNT-3: tensor.extract_slice
// CHECK:         attn.stream
// CHECK-COUNT-2:   arith.select
func.func @table(%q: tensor<?x8xf32> {attune.dims = ["N", ""]}, %k: tensor<3x8xf32>,
                 %bias: tensor<?x3xf32> {attune.dims = ["N", ""]}, %v: tensor<3x4xf32>) -> tensor<?x4xf32> {
  %s = attn.dot %q, %k : tensor<?x8xf32>, tensor<3x8xf32>
  %t = attn.dense %bias : tensor<?x3xf32>
  %a = attn.add %s, %t : !attn.matrix<?x3xf32>, !attn.matrix<?x3xf32>
  %p = attn.softmax %a : !attn.matrix<?x3xf32>
  %o = attn.apply %p, %v : !attn.matrix<?x3xf32>, tensor<3x4xf32>
  return %o : tensor<?x4xf32>
}
