// RUN: attune-opt %s --attune-entry -split-input-file -verify-diagnostics

func.func @scalar(
    // expected-error @+1 {{argument 0 of `scalar` has type 'f32', which is not supported, expected a ranked tensor}}
    %x: f32) {
  return
}

// -----
func.func @misspelt(
    // expected-error @+1 {{argument 0 of `misspelt` has the unknown attribute `attune.offset_of`}}
    %x: tensor<?xi64> {attune.offset_of = "N"}) {
  return
}

// -----
func.func @not_a_string(
    // expected-error @+1 {{argument 0 of `not_a_string` has `attune.name` = 3 : i64, expected a string}}
    %x: tensor<4xf32> {attune.name = 3}) {
  return
}

// -----
func.func @half_named(%x: tensor<4xf32> {attune.name = "x"},
    // expected-error @+1 {{argument 1 of `half_named` has no `attune.name`, expected names on all arguments and results or on none}}
    %y: tensor<4xf32>) {
  return
}

// -----
// expected-note @+1 {{argument 0 (`x`) is here}}
func.func @twice(%x: tensor<4xf32> {attune.name = "x"},
    // expected-error @+1 {{argument 1 (`x`) of `twice` has the same `attune.name` as argument 0 (`x`)}}
    %y: tensor<4xf32> {attune.name = "x"}) {
  return
}

// -----
func.func @length(
    // expected-error @+1 {{argument 0 of `length` has 1 entries in `attune.dims`, expected 2, one for each dimension}}
    %x: tensor<?x4xf32> {attune.dims = ["N"]}) {
  return
}

// -----
func.func @not_strings(
    // expected-error @+1 {{argument 0 of `not_strings` has `attune.dims` = [1], expected an array of strings}}
    %x: tensor<?xf32> {attune.dims = [1]}) {
  return
}

// -----
func.func @static_named(
    // expected-error @+1 {{argument 0 of `static_named` names dimension 1 `D`, but it is static (4), expected ""}}
    %x: tensor<?x4xf32> {attune.dims = ["N", "D"]}) {
  return
}

// -----
func.func @unnamed(
    // expected-error @+1 {{argument 0 of `unnamed` has no name in `attune.dims` for dimension 0, which is dynamic}}
    %x: tensor<?x4xf32> {attune.dims = ["", ""]}) {
  return
}

// -----
func.func @wrong_result(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}, %y: tensor<?x4xf32> {attune.dims = ["M", ""]})
    -> (tensor<?x4xf32> {attune.dims = ["M", ""]}) {
  // expected-error @-2 {{result 0 of `wrong_result` names dimension 0 `M`, but its size is `N`}}
  // expected-note @+1 {{this is what is returned}}
  %z = nn.relu %x : tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// -----
// expected-error @+1 {{result 0 of `product` has the size `M*N` in dimension 0, which is not supported, expected a sum of the arguments' sizes}}
func.func @product(%x: tensor<?x?xf32> {attune.dims = ["N", "M"]}) -> tensor<?xf32> {
  // expected-note @+1 {{this is what is returned}}
  %y = tensor.collapse_shape %x [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----
// expected-error @+1 {{`attune.sizes` gives `N` = "columns", expected "rows" or "batch"}}
func.func @kind(%x: tensor<?xf32> {attune.dims = ["N"]}) attributes {attune.sizes = {N = "columns"}} {
  return
}

// -----
// expected-error @+1 {{`attune.sizes` is "N", expected a dictionary}}
func.func @sizes(%x: tensor<?xf32> {attune.dims = ["N"]}) attributes {attune.sizes = "N"} {
  return
}

// -----
func.func @text(
    // expected-error @+1 {{argument 0 of `text` has no valid size for dimension 1: `G+x*y` has `*` at character 4, expected `+`, `-` or the end: only a number stands before `*`, as in `2*N`}}
    %x: tensor<4x?xf32> {attune.dims = ["", "G+x*y"]}) {
  return
}

// -----
func.func @unfinished(
    // expected-error @+1 {{argument 0 of `unfinished` has no valid size for dimension 0: `N+` ends after `+`, expected a name or a number}}
    %x: tensor<?xf32> {attune.dims = ["N+"]}) {
  return
}

// -----
// expected-error @+1 {{result 0 of `of_result` has no valid size for dimension 0: `2N` has `N` at character 2, expected `+`, `-` or the end}}
func.func @of_result(%x: tensor<?xf32> {attune.dims = ["2*N"]}) -> (tensor<?xf32> {attune.dims = ["2N"]}) {
  return %x : tensor<?xf32>
}

// -----
func.func @negative(
    // expected-error @+1 {{argument 0 of `negative` has no valid size for dimension 0: `2 - 3` is negative, expected at least 0}}
    %x: tensor<?xf32> {attune.dims = ["2 - 3"]}) {
  return
}

// -----
func.func @beyond(
    // expected-error @+1 {{argument 0 of `beyond` has no valid size for dimension 0: `9223372036854775808*N` has a number beyond 64 bits at character 1, expected -9223372036854775808 to 9223372036854775807}}
    %x: tensor<?xf32> {attune.dims = ["9223372036854775808*N"]}) {
  return
}

// -----
// expected-error @+1 {{no argument fixes the size `E`, expected a dimension in which all others are known}}
func.func @open(%x: tensor<?xf32> {attune.dims = ["E+N"]}) {
  return
}

// -----
// "G-1" is G minus 1, not a size of this name.
// expected-error @+1 {{`attune.sizes` has the key `G-1`, expected the name of one size}}
func.func @key(%x: tensor<?xf32> {attune.dims = ["G-1"]}) attributes {attune.sizes = {G = "batch", "G-1" = "rows"}} {
  return
}

// -----
func.func @wrong_sum(%x: tensor<?xf32> {attune.dims = ["2*N-1"]}) -> (tensor<?xf32> {attune.dims = ["2*N"]}) {
  // expected-error @-1 {{result 0 of `wrong_sum` names dimension 0 `2*N`, but its size is `2*N-1`}}
  // expected-note @-2 {{this is what is returned}}
  return %x : tensor<?xf32>
}

// -----
func.func @below_float(
    // expected-error @+1 {{argument 0 of `below_float` has `attune.below` and elements of type 'f32', expected integers}}
    %x: tensor<?xf32> {attune.dims = ["N"], attune.below = "N"}) {
  return
}

// -----
func.func @offsets_rank(
    // expected-error @+1 {{argument 0 of `offsets_rank` has `attune.offsets_of` and rank 2, expected rank 1}}
    %x: tensor<?x2xi64> {attune.dims = ["N", ""], attune.offsets_of = "N"}) {
  return
}

// -----
func.func @below_unknown(
    // expected-error @+1 {{argument 0 of `below_unknown` has `attune.below` = "M", expected one of the sizes N}}
    %x: tensor<?xi64> {attune.dims = ["N"], attune.below = "M"}) {
  return
}

// -----
func.func @below_number(
    // expected-error @+1 {{argument 0 of `below_number` has `attune.below` = "0", expected a size or a number from 1 to 2147483647}}
    %x: tensor<?xi64> {attune.dims = ["N"], attune.below = "0"}) {
  return
}

// -----
func.func @pairs_rank(%g: tensor<?xi64> {attune.name = "g", attune.dims = ["G+1"], attune.offsets_of = "N"},
    // expected-error @+1 {{argument 1 (`t`) of `pairs_rank` has `attune.pairs_of` and rank 2, expected rank 1}}
    %t: tensor<?x2xi64> {attune.name = "t", attune.dims = ["P", ""], attune.pairs_of = "g"},
    %x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]}) {
  return
}

// -----
// expected-note @+1 {{argument 0 (`x`) has none}}
func.func @pairs_of_what(%x: tensor<?xf32> {attune.name = "x", attune.dims = ["N"]},
    // expected-error @+1 {{argument 1 (`t`) of `pairs_of_what` has `attune.pairs_of` = "x", expected the name of an argument with `attune.offsets_of`}}
    %t: tensor<?xi64> {attune.name = "t", attune.dims = ["P"], attune.pairs_of = "x"}) {
  return
}

// -----
// expected-error @+1 {{entry `blocks` has 2 blocks, which is not supported, expected one}}
func.func @blocks(%x: tensor<4xf32>) {
  cf.br ^end
^end:
  return
}

// -----
func.func @dimension_out_of_rank(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c = arith.constant 2 : index
  // expected-error @+1 {{`tensor.dim` reads dimension 2 of 'tensor<?x4xf32>', expected one from 0 to below its rank 2}}
  %n = tensor.dim %x, %c : tensor<?x4xf32>
  %t = tensor.empty(%n) : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}
