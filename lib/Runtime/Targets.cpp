// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attune/Runtime/Targets.h"

namespace attune::runtime {

const std::vector<TargetRecord> &targets() {
#define ATTUNE_RUNTIME_TARGET(name, archive) {name, archive},
  static const std::vector<TargetRecord> table = {
#include "Targets.def"
  };
#undef ATTUNE_RUNTIME_TARGET
  return table;
}

const TargetRecord *findTarget(const std::string &name) {
  for (const TargetRecord &record : targets())
    if (record.name == name)
      return &record;
  return nullptr;
}

std::string targetNames(const std::string &more) {
  std::vector<std::string> names;
  for (const TargetRecord &record : targets())
    names.push_back(record.name);
  if (!more.empty())
    names.push_back(more);
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + names[i];
  return text;
}

} // namespace attune::runtime
