// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The targets that programs can be compiled for, as far as loading and running them goes.

#ifndef ATTUNE_RUNTIME_TARGETS_H
#define ATTUNE_RUNTIME_TARGETS_H

#include <string>
#include <vector>

namespace attune::runtime {

struct TargetRecord {
  std::string name;
  /// The archive that its programs contain, without `lib` and `.a`; empty: none.
  std::string archive;
};

/// Those of lib/Runtime/Targets.def; the first is the default.
const std::vector<TargetRecord> &targets();
/// Null where no target has the name.
const TargetRecord *findTarget(const std::string &name);
/// "cpu, gpu or gpu-emulator", for messages; `more` follows them.
std::string targetNames(const std::string &more = "");
/// A help text with {targets} and {target} as their names, `reference` among them, and the default.
std::string fillTargets(std::string text);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_TARGETS_H
