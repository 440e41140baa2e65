// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Output files that appear complete or not at all.

#ifndef ATTUNE_LIB_DRIVER_OUTPUTFILE_H
#define ATTUNE_LIB_DRIVER_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace attune {

/// A file under a temporary name beside its own; it goes away unless keep() is called.
class OutputFile {
public:
  static llvm::Expected<OutputFile> create(llvm::StringRef path);
  OutputFile(OutputFile &&other);
  OutputFile &operator=(OutputFile &&other) = delete;
  ~OutputFile();

  llvm::StringRef temporaryName() const { return file->TmpName; }
  llvm::Error write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> writer);
  /// Gives the file its name.
  llvm::Error keep();

private:
  OutputFile(llvm::StringRef path, llvm::sys::fs::TempFile file)
      : path(path.str()), file(std::move(file)) {}

  std::string path;
  std::optional<llvm::sys::fs::TempFile> file;
};

/// Writes a whole file; "-" is standard output, and what is no regular file (/dev/null) is opened
/// as it is.
llvm::Error writeFile(llvm::StringRef path,
                      llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> writer);

} // namespace attune

#endif // ATTUNE_LIB_DRIVER_OUTPUTFILE_H
