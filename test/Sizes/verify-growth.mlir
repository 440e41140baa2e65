// RUN: attune-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(attune-verify-growth))' -o /dev/null
// RUN: attune-zoo difformer --in=8 --hidden=16 --classes=3 --layers=2 --heads=2 | attune-opt --pass-pipeline='builtin.module(attune-linearize,func.func(attune-verify-growth))' -o /dev/null
// RUN: attune-zoo difformer --kernel=sigmoid --in=8 --hidden=16 --classes=3 --layers=1 --batched=true | attune-opt --pass-pipeline='builtin.module(attune-linearize,func.func(attune-verify-growth))' -o /dev/null


func.func @flat(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %count = arith.muli %n, %n : index
  // expected-error @below {{'tensor.empty' op result has N^2 elements, which grows faster than linearly in `N`}}
  // expected-note @below {{keep it an implicit matrix and apply it, or allow the size by name with --allow=<size>}}
  %t = tensor.empty(%count) : tensor<?xf32>
  return %t : tensor<?xf32>
}

// -----

func.func @two_names(%x: tensor<?x4xf32> {attune.dims = ["N", ""]},
                     %y: tensor<?x4xf32> {attune.dims = ["M", ""]}) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %m = tensor.dim %y, %c0 : tensor<?x4xf32>
  // expected-error @below {{'tensor.empty' op result has M*N elements, which grows faster than linearly in `M`, `N`}}
  // expected-note @below {{keep it an implicit matrix}}
  %t = tensor.empty(%n, %m) : tensor<?x?xf32>
  return %t : tensor<?x?xf32>
}

// -----

// A row for each graph and a column for each node grows both ways.
func.func @graphs(%x: tensor<?x4xf32> {attune.dims = ["N", ""]},
                  %o: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"}) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %g = tensor.dim %o, %c0 : tensor<?xi64>
  // expected-error @below {{grows faster than linearly in `G`, `N`}}
  // expected-note @below {{keep it an implicit matrix}}
  %t = tensor.empty(%g, %n) : tensor<?x?xf32>
  return %t : tensor<?x?xf32>
}

// -----

// Sizes of the batch are free.
func.func @batch(%x: tensor<?x?x4xf32> {attune.dims = ["B", "N", ""]}) -> tensor<?x?xf32>
    attributes {attune.sizes = {B = "batch", N = "rows"}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %t = tensor.empty(%b, %n) : tensor<?x?xf32>
  return %t : tensor<?x?xf32>
}

// -----

// A number from the data has no name.
func.func @untraced(%x: tensor<?xi64> {attune.dims = ["N"]}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %v = tensor.extract %x[%c0] : tensor<?xi64>
  %n = arith.index_cast %v : i64 to index
  // expected-error @below {{'tensor.empty' op result has ? elements: a dimension can't be traced to a named size}}
  %t = tensor.empty(%n) : tensor<?xf32>
  return %t : tensor<?xf32>
}

// -----

// The proof after bufferization: allocations.
func.func @buffers(%x: memref<?x4xf32> {attune.dims = ["N", ""]}) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x4xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  // expected-error @below {{'memref.alloc' op result has N^2 elements, which grows faster than linearly in `N`}}
  // expected-note @below {{keep it an implicit matrix}}
  %b = memref.alloc(%n, %n) : memref<?x?xf32>
  return
}

// -----

// Slices and loops keep what they are cut from.
func.func @loop(%x: tensor<?x4xf32> {attune.dims = ["N", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> (tensor<?x4xf32>) {
    %s = tensor.extract_slice %a[%i, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<1x4xf32>
    %t = tensor.insert_slice %s into %a[%i, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
    scf.yield %t : tensor<?x4xf32>
  }
  return %r : tensor<?x4xf32>
}
