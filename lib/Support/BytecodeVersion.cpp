// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attune/Support/BytecodeVersion.h"

using namespace mlir;

namespace attune {

void VersionedBytecode::writeVersion(DialectBytecodeWriter &writer) const {
  FailureOr<const DialectVersion *> asked = writer.getDialectVersion(getDialect()->getNamespace());
  writer.writeVarInt(succeeded(asked) ? static_cast<const BytecodeVersion *>(*asked)->number
                                      : kBytecodeVersion);
}

std::unique_ptr<DialectVersion>
VersionedBytecode::readVersion(DialectBytecodeReader &reader) const {
  uint64_t number;
  if (failed(reader.readVarInt(number)))
    return nullptr;
  if (number > kBytecodeVersion) {
    reader.emitError() << "the file holds version " << number << " of dialect `"
                       << getDialect()->getNamespace() << "`, expected at most " << kBytecodeVersion
                       << "; a later Attune wrote it";
    return nullptr;
  }
  return std::make_unique<BytecodeVersion>(number);
}

} // namespace attune
