// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The CPU, for targets that share its stages.
#ifndef ATTUNE_TARGET_CPU_CPUTARGET_H
#define ATTUNE_TARGET_CPU_CPUTARGET_H

#include "attune/Target/Target.h"

namespace attune {

const Target &cpuTarget();

} // namespace attune

#endif
