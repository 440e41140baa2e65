// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sizes of shaped values: as polynomials in the names that the entry's arguments give them, and
// as IR.
#ifndef ATTUNE_SIZES_SIZES_H
#define ATTUNE_SIZES_SIZES_H

#include "attune/Sizes/SizePoly.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/OpDefinition.h"

namespace attune {

/// Number of elements along dimension `dim` of the shaped value `value`, in named sizes
/// (`attune.dims` of the entry arguments). Traces through tensor, linalg, scf and our own ops;
/// "?" where it can't.
SizePoly sizeOf(mlir::Value value, int64_t dim);
/// The same for an index value.
SizePoly sizeOfIndex(mlir::Value index);
/// Elements of a shaped value.
SizePoly elementCount(mlir::Value value);

/// What the segments add up to where the loop runs over those of an argument with
/// `attune.offsets_of`, and reads where each begins.
std::optional<std::string> segmentsOf(mlir::scf::ForOp loop);

/// Mixed sizes of a tensor, or of what else is shaped.
llvm::SmallVector<mlir::OpFoldResult> mixedSizes(mlir::OpBuilder &b, mlir::Location loc,
                                                 mlir::Value v);
/// A dimension of a shaped value as an index value. One of a value that is never stored comes from
/// the tensors that it is made of.
mlir::Value dimValue(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v, int64_t dim);

} // namespace attune

#endif
