// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Temporary name first, then rename: a failure, a full disk or Ctrl-C leaves the old file.

#include "OutputFile.h"

#include "llvm/ADT/SmallString.h"

namespace attune {

static llvm::Error cannotWrite(llvm::StringRef path, const llvm::Twine &reason) {
  return llvm::createStringError("cannot write `" + path + "`: " + reason);
}

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path) {
  if (llvm::sys::fs::is_directory(path))
    return cannotWrite(path, "it is a folder");
  llvm::Expected<llvm::sys::fs::TempFile> file =
      llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp");
  if (!file)
    return cannotWrite(path, llvm::toString(file.takeError()));
  return OutputFile(path, std::move(*file));
}

OutputFile::OutputFile(OutputFile &&other)
    : path(std::move(other.path)), file(std::move(other.file)) {
  other.file.reset();
}

OutputFile::~OutputFile() {
  if (file)
    llvm::consumeError(file->discard());
}

llvm::Error OutputFile::write(llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> writer) {
  llvm::raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  llvm::Error error = writer(os);
  os.flush();
  if (!error && os.has_error())
    error = cannotWrite(path, os.error().message());
  os.clear_error();
  return error;
}

llvm::Error OutputFile::keep() {
  llvm::sys::fs::TempFile finished = std::move(*file);
  file.reset();
  if (llvm::Error error = finished.keep(path)) {
    llvm::consumeError(finished.discard());
    return cannotWrite(path, llvm::toString(std::move(error)));
  }
  return llvm::Error::success();
}

llvm::Error writeFile(llvm::StringRef path,
                      llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> writer) {
  llvm::sys::fs::file_status status;
  bool isDevice = path != "-" && !llvm::sys::fs::status(path, status) &&
                  !llvm::sys::fs::is_regular_file(status) && !llvm::sys::fs::is_directory(status);
  if (path != "-" && !isDevice) {
    llvm::Expected<OutputFile> file = OutputFile::create(path);
    if (!file)
      return file.takeError();
    if (llvm::Error error = file->write(writer))
      return error;
    return file->keep();
  }
  // Pipes cannot be written out of order.
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream buffer(text);
  if (llvm::Error error = writer(buffer))
    return error;
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return cannotWrite(path, code.message());
  os << text;
  os.flush();
  if (!os.has_error())
    return llvm::Error::success();
  llvm::Error error = cannotWrite(path, os.error().message());
  os.clear_error();
  return error;
}

} // namespace attune
