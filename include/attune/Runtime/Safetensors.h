// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strict reader (memory mapped) and writer of safetensors files. File layout: u64 little-endian
// header length, that many bytes of JSON {name: {dtype, shape, data_offsets}}, then the data.

#ifndef ATTUNE_RUNTIME_SAFETENSORS_H
#define ATTUNE_RUNTIME_SAFETENSORS_H

#include "attune/Runtime/Tensor.h"

#include <map>

namespace attune::runtime {

class SafetensorsFile {
public:
  /// Throws Error, naming file and tensor, unless the whole file is well formed: no duplicate
  /// names, no overlap, no hole, every byte of the data belongs to a tensor.
  static SafetensorsFile open(const std::string &path);

  const std::string &path() const { return name; }
  const std::vector<NamedTensor> &tensors() const { return entries; }
  const std::map<std::string, std::string> &metadata() const { return notes; }
  /// Null if the file has no such tensor.
  const Tensor *find(const std::string &tensor) const;

private:
  std::string name;
  std::vector<NamedTensor> entries;
  std::map<std::string, size_t> index;
  std::map<std::string, std::string> notes;
};

/// Writes to a temporary name beside `path` and renames it; on failure nothing is left behind and
/// Error is thrown. The data starts at a multiple of 64 bytes.
void writeSafetensors(const std::string &path, const std::vector<NamedTensor> &tensors,
                      const std::map<std::string, std::string> &metadata = {});

} // namespace attune::runtime

#endif // ATTUNE_RUNTIME_SAFETENSORS_H
