// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The records of the rewrites (lib/Rewrite/Rewrites.def).
#ifndef ATTUNE_REWRITE_REWRITES_H
#define ATTUNE_REWRITE_REWRITES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace attune::rewrite {

struct RewriteRecord {
  /// For --disable and remarks.
  llvm::StringLiteral name;
  /// What an explanation says where it fired.
  llvm::StringLiteral sentence;
  llvm::StringLiteral condition, equation, page, error;
};

llvm::ArrayRef<RewriteRecord> rewriteRecords();
/// Null where none has the name.
const RewriteRecord *findRewrite(llvm::StringRef name);
/// "associativity, distribute, ..", for messages.
std::string rewriteNames();

} // namespace attune::rewrite

#endif
