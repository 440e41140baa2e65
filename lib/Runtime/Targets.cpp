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

std::string fillTargets(std::string text) {
  for (const auto &[mark, value] :
       {std::pair<std::string, std::string>("{targets}", targetNames("reference")),
        std::pair<std::string, std::string>("{target}", targets().front().name)})
    if (size_t at = text.find(mark); at != std::string::npos)
      text.replace(at, mark.size(), value);
  return text;
}

} // namespace attune::runtime
