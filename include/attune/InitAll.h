// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The only registration that a program with Attune in it needs.
#ifndef ATTUNE_INITALL_H
#define ATTUNE_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attune {

/// The attn and nn dialects, the upstream dialects that models and the pipelines use, and the
/// interface implementations (bufferization, value bounds, conversion and translation to LLVM) that
/// the pipelines rely on.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Attune's passes, the pipelines `attune-linearize` and, for each target, `attune-<target>`
/// (`attune-cpu`, `attune-gpu`, `attune-gpu-emulator`), and the upstream passes that these are made
/// of. May be called more than once, and next to mlir::registerAllPasses().
void registerAllPasses();

} // namespace attune

#endif
