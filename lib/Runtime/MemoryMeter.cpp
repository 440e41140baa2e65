// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Peak above inputs = VmHWM after the run - VmRSS before it, with the high-water mark reset in
// between by writing 5 to /proc/self/clear_refs (needs no privilege for the own process).

#include "MemoryMeter.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <sys/resource.h>

namespace attune::runtime {

/// A "<field> <n> kB" line of /proc/self/status, or -1.
static int64_t statusKiB(const std::string &field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, field.size(), field) == 0)
      return std::strtoll(line.c_str() + field.size(), nullptr, 10);
  return -1;
}

MemoryMeter::MemoryMeter() {
  startKiB = statusKiB("VmRSS:");
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  resettable = refs.good() && startKiB >= 0;
}

double MemoryMeter::peakMiBAboveStart() const {
  int64_t peakKiB = resettable ? statusKiB("VmHWM:") : -1;
  if (peakKiB < 0) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    peakKiB = usage.ru_maxrss;
  }
  return std::max<int64_t>(0, peakKiB - std::max<int64_t>(0, startKiB)) / 1024.0;
}

} // namespace attune::runtime
