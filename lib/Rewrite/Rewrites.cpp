// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "attune/Rewrite/Rewrites.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace attune::rewrite;

llvm::ArrayRef<RewriteRecord> attune::rewrite::rewriteRecords() {
  static constexpr RewriteRecord records[] = {
#define ATTUNE_REWRITE(name, sentence, condition, equation, page, error)                           \
  {name, sentence, condition, equation, page, error},
#include "Rewrites.def"
#undef ATTUNE_REWRITE
  };
  return records;
}

const RewriteRecord *attune::rewrite::findRewrite(llvm::StringRef name) {
  const RewriteRecord *found =
      llvm::find_if(rewriteRecords(), [&](const RewriteRecord &r) { return r.name == name; });
  return found == rewriteRecords().end() ? nullptr : found;
}

std::string attune::rewrite::rewriteNames() {
  return llvm::join(llvm::map_range(rewriteRecords(),
                                    [](const RewriteRecord &r) { return llvm::StringRef(r.name); }),
                    ", ");
}
