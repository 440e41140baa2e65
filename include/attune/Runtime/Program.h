// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled shared object: its signature and its entries.

#ifndef ATTUNE_RUNTIME_PROGRAM_H
#define ATTUNE_RUNTIME_PROGRAM_H

#include "attune/Runtime/Bind.h"
#include "attune/Runtime/Device.h"

namespace attune::runtime {

class Program {
public:
  /// Loads the file and checks manifest, ABI version, target and CPU features. Throws Error. The
  /// object stays loaded until the process ends: the OpenMP runtime behind it cannot be unloaded.
  static Program load(const std::string &path);

  const Signature &signature() const { return description; }
  /// Runs the bound entry. Returns 0, or with `message` 1 when the data is wrong, 2 when the device
  /// is not there or too small, 70 when something is wrong with the program.
  int call(const BoundCall &bound, std::string &message) const;
  /// What the last call used of a device; false for programs for the CPU.
  bool lastDeviceReport(attune_device_report &report) const;

private:
  using Function = int32_t (*)(const int64_t *sizes, const void *const *args, void *const *results,
                               char *message, int64_t messageCapacity);
  Signature description;
  std::map<std::string, Function> functions;
  decltype(&attune_device_last) deviceReport = nullptr;
};

/// The first feature of a list like "+avx2,+avx512f" that this CPU lacks, or none. Names that the
/// check does not know pass.
std::optional<std::string> missingCpuFeature(const std::string &features);

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_PROGRAM_H
