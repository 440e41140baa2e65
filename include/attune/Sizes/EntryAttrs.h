// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attributes that describe an entry function, its arguments and results (docs/spec/entry.md),
// and the sizes in them.
#ifndef ATTUNE_SIZES_ENTRYATTRS_H
#define ATTUNE_SIZES_ENTRYATTRS_H

#include "attune/Runtime/SizeSum.h"
#include "attune/Sizes/SizePoly.h"

namespace attune {

inline constexpr llvm::StringLiteral kNameAttr = "attune.name";
inline constexpr llvm::StringLiteral kDimsAttr = "attune.dims";
inline constexpr llvm::StringLiteral kSizesAttr = "attune.sizes";
inline constexpr llvm::StringLiteral kBelowAttr = "attune.below";
inline constexpr llvm::StringLiteral kOffsetsOfAttr = "attune.offsets_of";
inline constexpr llvm::StringLiteral kPairsOfAttr = "attune.pairs_of";

/// What a text in `attune.dims` stands for, as a polynomial.
SizePoly polyOf(const runtime::SizeSum &sum);
/// The same back; none for products of names and for what has no name.
std::optional<runtime::SizeSum> sumOf(const SizePoly &size);

} // namespace attune

#endif
