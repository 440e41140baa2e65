// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_SIZES_DIMSOURCE
#define ATTUNE_SIZES_DIMSOURCE

include "mlir/IR/OpBase.td"

def DimSourceOpInterface : OpInterface<"DimSourceOpInterface"> {
  let cppNamespace = "::attune";
  let description = [{
    Where each dimension of a result comes from. One definition serves shape reification, value
    bounds, named sizes and the growth verifier.
  }];
  let methods = [
    InterfaceMethod<"Origin of dimension `dim` of result `result`.", "::attune::DimSource",
      "getDimSource", (ins "unsigned":$result, "int64_t":$dim)>
  ];
}

def IndexSizeOpInterface : OpInterface<"IndexSizeOpInterface"> {
  let cppNamespace = "::attune";
  let description = [{ An op whose one result, an index, is a size. }];
  let methods = [
    InterfaceMethod<"The size, in the named sizes of the entry.", "::attune::SizePoly",
      "getIndexSize", (ins)>
  ];
}

def UnstoredTypeInterface : TypeInterface<"UnstoredTypeInterface"> {
  let cppNamespace = "::attune";
  let description = [{
    A shaped type whose values are never stored, so that `tensor.dim` can't ask for their sizes.
  }];
  let methods = [
    InterfaceMethod<"A dimension of `value` where nothing says what it comes from.",
      "::mlir::Value", "buildDim",
      (ins "::mlir::OpBuilder &":$b, "::mlir::Location":$loc, "::mlir::Value":$value,
           "int64_t":$dim)>
  ];
}

#endif
