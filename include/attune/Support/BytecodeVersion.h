// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytecode files say which version of a dialect wrote them, so that a later one can read them, and
// an earlier one refuses them with an error.
#ifndef ATTUNE_SUPPORT_BYTECODEVERSION_H
#define ATTUNE_SUPPORT_BYTECODEVERSION_H

#include "mlir/Bytecode/BytecodeImplementation.h"

namespace attune {

/// The version of attn and nn that this library writes, and the latest that it reads.
inline constexpr uint64_t kBytecodeVersion = 1;

struct BytecodeVersion : mlir::DialectVersion {
  explicit BytecodeVersion(uint64_t number) : number(number) {}
  uint64_t number;
};

/// For both dialects; `addInterfaces<VersionedBytecode>()` in their `initialize`.
class VersionedBytecode : public mlir::BytecodeDialectInterface {
public:
  explicit VersionedBytecode(mlir::Dialect *dialect) : BytecodeDialectInterface(dialect) {}
  /// kBytecodeVersion, or what the writer's configuration asks for.
  void writeVersion(mlir::DialectBytecodeWriter &writer) const final;
  /// Null after an error: the file is of a later version.
  std::unique_ptr<mlir::DialectVersion>
  readVersion(mlir::DialectBytecodeReader &reader) const final;
};

} // namespace attune

#endif
