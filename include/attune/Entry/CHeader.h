// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C header that comes with a shared object.

#ifndef ATTUNE_ENTRY_CHEADER_H
#define ATTUNE_ENTRY_CHEADER_H

#include "attune/Runtime/Signature.h"
#include "llvm/ADT/StringRef.h"

namespace attune {

/// `fileName` is that of the shared object, without its folder.
std::string cHeader(const runtime::Signature &signature, llvm::StringRef fileName);

} // namespace attune

#endif // ATTUNE_ENTRY_CHEADER_H
