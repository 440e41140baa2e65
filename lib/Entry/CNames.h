// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names that C accepts, for entries, sizes, arguments and results.

#ifndef ATTUNE_LIB_ENTRY_CNAMES_H
#define ATTUNE_LIB_ENTRY_CNAMES_H

#include "attune/Runtime/Signature.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace attune {

/// `text` with every character that C does not allow as an underscore, never a keyword.
std::string cIdentifier(llvm::StringRef text);

/// The C function of an entry: its identifier, with `attune_` in front where the C library or the
/// linker has that name (`main`, `exp`).
std::string cFunctionName(llvm::StringRef entry);

/// The function with the generic calling convention, `attune_call_<entry>`.
std::string genericFunctionName(llvm::StringRef entry);

/// One identifier for each of sizes, arguments and results, in this order, all different.
std::vector<std::string> cParameterNames(const runtime::Entry &entry);

/// Why entries cannot stand in one shared object.
struct NameClash {
  /// `first` is empty where `second` has the name of something else.
  std::string first, second, text;
};

/// Of the names that the object exports.
std::optional<NameClash> findNameClash(const runtime::Signature &signature);

} // namespace attune

#endif // ATTUNE_LIB_ENTRY_CNAMES_H
