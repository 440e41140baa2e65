// RUN: attune-opt %s --attune-record-entries -split-input-file -verify-diagnostics | FileCheck %s
// DOC: one entry
// CHECK: module attributes {attune.entries = "{\22attune\22:\22{{[^ ]*}}\22entries\22:[{\22name\22:\22f\22,\22sizes\22:[\22N\22],\22args\22:[{\22name\22:\22x\22,\22dtype\22:\22F32\22,\22shape\22:[\22N\22,2]},{\22name\22:\22i\22,\22dtype\22:\22I32\22,\22shape\22:[\22N+1\22],\22below\22:\22N\22}],\22results\22:[{\22name\22:\22y\22,\22dtype\22:\22F32\22,\22shape\22:[\22N\22,2]}]}]}"}
func.func @f(%x: tensor<?x2xf32> {attune.name = "x", attune.dims = ["N", ""]},
             %i: tensor<?xi32> {attune.name = "i", attune.dims = ["N+1"], attune.below = "N"})
    -> (tensor<?x2xf32> {attune.name = "y", attune.dims = ["N", ""]}) {
  return %x : tensor<?x2xf32>
}
func.func private @helper(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----
// expected-error @+1 {{argument 0 of `f` has no attune.name}}
func.func @f(%x: tensor<2xf32>) -> (tensor<2xf32> {attune.name = "y"}) {
  return %x : tensor<2xf32>
}

// -----
// expected-error @+1 {{has no name in `attune.dims` for dimension 0, which is dynamic}}
func.func @f(%x: tensor<?xf32> {attune.name = "x"}) -> (tensor<?xf32> {attune.name = "y"}) {
  return %x : tensor<?xf32>
}

// -----
// expected-error @+1 {{has 2 entries in `attune.dims`, expected 1, one for each dimension}}
func.func @f(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["N", "M"]})
    -> (tensor<?xf32> {attune.name = "y", attune.dims = ["N"]}) {
  return %x : tensor<?xf32>
}

// -----
// expected-error @+1 {{argument 0 (`x`) of `f` has no valid size for dimension 0: `2N` has `N` at character 2, expected `+`, `-` or the end}}
func.func @f(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["2N"]})
    -> (tensor<?xf32> {attune.name = "y", attune.dims = ["2N"]}) {
  return %x : tensor<?xf32>
}

// -----
// expected-error @+1 {{uses the unknown size `M`}}
func.func @f(%x: tensor<?xi64> {attune.name = "x", attune.dims = ["N"], attune.below = "M"})
    -> (tensor<?xi64> {attune.name = "y", attune.dims = ["N"]}) {
  return %x : tensor<?xi64>
}

// -----
// expected-error @+1 {{is index data of dtype F32, expected I64 or I32}}
func.func @f(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"], attune.below = "N"})
    -> (tensor<?xf32> {attune.name = "y", attune.dims = ["N"]}) {
  return %x : tensor<?xf32>
}

// -----
// expected-error @+1 {{element type 'f8E4M3FN', which is not supported}}
func.func @f(%x: tensor<2xf8E4M3FN> {attune.name = "x"}) -> (tensor<2xf8E4M3FN> {attune.name = "y"}) {
  return %x : tensor<2xf8E4M3FN>
}
