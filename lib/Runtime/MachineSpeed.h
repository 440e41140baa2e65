// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What this machine can do at most, measured: the two figures that times of programs are compared
// with. attune-run --machine prints them.

#ifndef ATTUNE_LIB_RUNTIME_MACHINESPEED_H
#define ATTUNE_LIB_RUNTIME_MACHINESPEED_H

#include <cstdint>

namespace attune::runtime {

struct MachineSpeed {
  double fmaGflops = 0;       // float32 fused multiply-adds from registers, 2 FLOP each
  double readGBPerSecond = 0; // reading memory that no cache holds, 10^9 bytes
};

/// Measures with this many threads; takes about a second. The best of several tries counts.
/// Throws std::bad_alloc where there is no memory to read (at least 256 MiB).
MachineSpeed measureMachine(int64_t threads);

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_MACHINESPEED_H
