// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The named kernel functions of attn.attention. A new one is one record in Kernels.cpp.
#ifndef ATTUNE_DIALECT_ATTN_KERNELS_H
#define ATTUNE_DIALECT_ATTN_KERNELS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

namespace attune::attn {

/// A function of the score s of a pair.
struct Kernel {
  llvm::StringLiteral name;
  /// Of s, as documentation shows it.
  llvm::StringLiteral formula;
  /// s is the squared distance, not the inner product.
  bool ofDistance;
  /// Emits the function of the f32 `score` with constants and elementwise ops only.
  mlir::Value (*build)(mlir::OpBuilder &b, mlir::Location loc, mlir::Value score);
};

llvm::ArrayRef<Kernel> kernels();
/// Null where no kernel has the name.
const Kernel *findKernel(llvm::StringRef name);
/// "linear, sigmoid, exp, gaussian or relu", for messages.
std::string kernelNames();

/// A name in quotes; a language server completes it to that of a kernel function, or of a
/// normalisation.
mlir::ParseResult parseKernelName(mlir::OpAsmParser &parser, mlir::StringAttr &name);
mlir::ParseResult parseNormalizeName(mlir::OpAsmParser &parser, mlir::StringAttr &name);
void printKernelName(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::StringAttr name);
void printNormalizeName(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::StringAttr name);

/// The normalisations of attn.attention.
llvm::ArrayRef<llvm::StringLiteral> normalizeNames();

} // namespace attune::attn

#endif
