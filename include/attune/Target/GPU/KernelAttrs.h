// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the passes that build a program for a graphics processor tell one another, as attributes of
// the module.
#ifndef ATTUNE_TARGET_GPU_KERNELATTRS_H
#define ATTUNE_TARGET_GPU_KERNELATTRS_H

#include "llvm/ADT/StringRef.h"

namespace attune::gpu {

/// Array of strings: the kernels by their number in launches.
inline constexpr llvm::StringLiteral kKernelsAttr = "attune.kernels";
/// Array of numbers: how many parameters each kernel has.
inline constexpr llvm::StringLiteral kParametersAttr = "attune.parameters";
/// Array of strings: source locations by their number in calls of the emulator.
inline constexpr llvm::StringLiteral kSitesAttr = "attune.sites";
/// On a kernel that became a function: its threads wait for one another.
inline constexpr llvm::StringLiteral kWaitsAttr = "attune.waits";
/// On a kernel that became a function.
inline constexpr llvm::StringLiteral kKernelAttr = "attune.kernel";
/// Array of dictionaries {chip, ptx (a bool), data}: the code of all kernels.
inline constexpr llvm::StringLiteral kImagesAttr = "attune.images";

} // namespace attune::gpu

#endif
