// What a compiled program itself refuses: sums of sizes that are negative, too large for 64 bits, or
// too large to number index data, also where only a result has them.
//
// RUN: attune-compile %s -o %t.so
// RUN: %python %S/Inputs/call_sizes.py %t.so large 4611686018427387904 | FileCheck %s --check-prefix=PRODUCT
// RUN: %python %S/Inputs/call_sizes.py %t.so large 2 | FileCheck %s --check-prefix=PRODUCT
// RUN: not attune-run %t.so --entry=large --random N=2 2>&1 | FileCheck %s --check-prefix=CALL
// RUN: not attune-compile %s --target=reference --entry=large --random N=2 2>&1 | FileCheck %s --check-prefix=CALL
// RUN: %python %S/Inputs/call_sizes.py %t.so added 9223372036854775807 1 | FileCheck %s --check-prefix=SUM
// RUN: %python %S/Inputs/call_sizes.py %t.so added -9223372036854775807 1 | FileCheck %s --check-prefix=SIZE
// RUN: %python %S/Inputs/call_sizes.py %t.so fewer 3 5 | FileCheck %s --check-prefix=NEGATIVE
// RUN: %python %S/Inputs/call_sizes.py %t.so numbered 1073741824 2 | FileCheck %s --check-prefix=NUMBERED
// RUN: attune-opt %s --attune-entry | FileCheck %s --check-prefix=LESS
// RUN: attune-compile %s --target=reference --entry=less --random G=4 -o %t.safetensors
// RUN: attune-run %t.so --entry=less --random G=4 --expect %t.safetensors
// RUN: attune-run %t.so --entry=again --bind %t.safetensors | FileCheck %s --check-prefix=SOLVED

// PRODUCT: 1: `x` has the dimension 4611686018427387904*N, which is too large for 64 bits
// CALL: error: `x` has the dimension 4611686018427387904*N, which is too large for 64 bits
func.func @large(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["4611686018427387904*N"]})
    -> (tensor<?xf32> {attune.name = "y"}) {
  return %x : tensor<?xf32>
}

// SUM: 1: `y` has the dimension M+N, which is too large for 64 bits
// SIZE: 1: size M is -9223372036854775807, expected at least 0
func.func @added(%a: tensor<?xf32> {attune.name = "a", attune.dims = ["M"]},
                 %b: tensor<?xf32> {attune.name = "b", attune.dims = ["N"]}) -> (tensor<?xf32> {attune.name = "y"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?xf32>
  %n = tensor.dim %b, %c0 : tensor<?xf32>
  %sum = arith.addi %m, %n : index
  %y = tensor.splat %zero[%sum] : tensor<?xf32>
  return %y : tensor<?xf32>
}

// NEGATIVE: 1: `y` has the dimension M-N = -2, expected at least 0
func.func @fewer(%a: tensor<?xf32> {attune.name = "a", attune.dims = ["M"]},
                 %b: tensor<?xf32> {attune.name = "b", attune.dims = ["N"]}) -> (tensor<?xf32> {attune.name = "y"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?xf32>
  %n = tensor.dim %b, %c0 : tensor<?xf32>
  %rest = arith.subi %m, %n : index
  %y = tensor.splat %zero[%rest] : tensor<?xf32>
  return %y : tensor<?xf32>
}

// NUMBERED: 1: `x` has the dimension 2*E = 2147483648, expected below 2147483648
func.func @numbered(%x: tensor<?xi64> {attune.name = "x", attune.dims = ["2*E"], attune.below = "N"},
                    %y: tensor<?xf32> {attune.name = "y", attune.dims = ["N"]}) -> (tensor<?xf32> {attune.name = "z"}) {
  return %y : tensor<?xf32>
}

// "G-1" is G without 1: G = 4 makes three rows, which are H = 2 to the next entry.
// LESS: func.func @less({{.*}}attune.dims = ["G-1"]{{.*}}attune.sizes = {G = "batch"}
func.func @less(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["G-1"]})
    -> (tensor<?xf32> {attune.name = "y", attune.dims = ["G - 1"]}) attributes {attune.sizes = {G = "batch"}} {
  return %x : tensor<?xf32>
}

// SOLVED: again: H = 2
func.func @again(%y: tensor<?xf32> {attune.name = "y", attune.dims = ["2*H-1"]}) -> (tensor<?xf32> {attune.name = "z"}) {
  return %y : tensor<?xf32>
}
