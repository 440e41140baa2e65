// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The attributes that describe an entry function, its arguments and results (docs/spec/entry.md),
// and the text of a size in them.
#ifndef ATTUNE_SIZES_ENTRYATTRS_H
#define ATTUNE_SIZES_ENTRYATTRS_H

#include "attune/Sizes/SizePoly.h"

namespace attune {

inline constexpr llvm::StringLiteral kNameAttr = "attune.name";
inline constexpr llvm::StringLiteral kDimsAttr = "attune.dims";
inline constexpr llvm::StringLiteral kSizesAttr = "attune.sizes";
inline constexpr llvm::StringLiteral kBelowAttr = "attune.below";
inline constexpr llvm::StringLiteral kOffsetsOfAttr = "attune.offsets_of";
inline constexpr llvm::StringLiteral kPairsOfAttr = "attune.pairs_of";

/// Parses "N", "G+1" or "" (null) as `attune.dims` holds them.
std::optional<SizePoly> parseDimName(llvm::StringRef text);

} // namespace attune

#endif
