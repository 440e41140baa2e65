// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much memory a call needs.

#ifndef ATTUNE_LIB_RUNTIME_MEMORYMETER_H
#define ATTUNE_LIB_RUNTIME_MEMORYMETER_H

#include <cstdint>

namespace attune::runtime {

/// Resident memory of this process: bytes now, and the peak since the last reset.
class MemoryMeter {
public:
  /// Resets the kernel's peak; where that is not allowed the peak is that of the whole process.
  MemoryMeter();
  /// MiB that the peak lies above what was resident when the meter was made.
  double peakMiBAboveStart() const;

private:
  int64_t startKiB = 0;
  bool resettable = false;
};

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_MEMORYMETER_H
