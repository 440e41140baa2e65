// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linking through a C compiler or, where there is none, through ld.lld alone. The OpenMP runtime is
// named by its file, so no development package is needed, and its folder becomes the run path where
// the loader would not look there by itself.

#include "attune/Target/CPU/Link.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace attune::cpu {

/// Where the loader looks by itself.
static std::vector<std::string> defaultFolders() {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string multiarch = (triple.getArchName() + "-linux-gnu").str();
  return {"/lib/" + multiarch, "/usr/lib/" + multiarch, "/lib64", "/usr/lib64", "/lib", "/usr/lib"};
}

/// Full name of the first of the files in the folders, or empty.
static std::string findFile(llvm::ArrayRef<std::string> folders,
                            llvm::ArrayRef<llvm::StringRef> names) {
  for (llvm::StringRef name : names)
    for (const std::string &folder : folders)
      if (std::string path = folder + "/" + name.str(); llvm::sys::fs::exists(path))
        return path;
  return "";
}

/// Every linker there is: those on the path, then those beside LLVM's tools.
static std::vector<std::string> findLinkers() {
  llvm::StringRef besideLLVM = ATTUNE_LLVM_TOOLS;
  std::vector<std::string> linkers;
  for (llvm::ArrayRef<llvm::StringRef> folders :
       {llvm::ArrayRef<llvm::StringRef>(), llvm::ArrayRef<llvm::StringRef>(besideLLVM)})
    for (llvm::StringRef name : {"clang-22", "clang", "cc", "gcc", "ld.lld", "ld.lld-22"})
      if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name, folders))
        linkers.push_back(*path);
  return linkers;
}

static bool isBareLinker(llvm::StringRef linker) {
  return llvm::sys::path::filename(linker).starts_with("ld.");
}

/// What the linker wrote to its standard error, its first lines.
static std::string firstLines(llvm::StringRef file) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> text = llvm::MemoryBuffer::getFile(file);
  if (!text)
    return "";
  llvm::StringRef rest = (*text)->getBuffer().trim();
  return rest.take_front(1000).str();
}

static llvm::Error run(llvm::ArrayRef<std::string> arguments) {
  llvm::SmallString<128> log;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile("attune-link", "log", log))
    return llvm::createStringError("cannot make a temporary file: " + code.message());
  std::vector<llvm::StringRef> refs(arguments.begin(), arguments.end());
  std::string reason;
  llvm::StringRef logName = log;
  int status = llvm::sys::ExecuteAndWait(arguments[0], refs, std::nullopt,
                                         {llvm::StringRef(""), logName, logName}, 0, 0, &reason);
  std::string output = firstLines(log);
  llvm::sys::fs::remove(log);
  if (status == 0)
    return llvm::Error::success();
  return llvm::createStringError("linking with `" + arguments[0] +
                                 "` failed: " + (output.empty() ? reason : output));
}

static std::vector<std::string> linkCommand(const std::string &linker,
                                            llvm::ArrayRef<std::string> objects,
                                            llvm::StringRef output, llvm::StringRef openMP) {
  std::vector<std::string> folders = defaultFolders();
  std::vector<std::string> arguments{linker, "-shared", "-o", output.str()};
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  bool bare = isBareLinker(linker);
  auto toLinker = [&](llvm::StringRef option) {
    arguments.push_back((bare ? "" : "-Wl,") + option.str());
  };
  toLinker("--as-needed");
  toLinker("--build-id=none");
  // Programs next to each other have a runtime of their own each.
  toLinker("-Bsymbolic");
  if (!openMP.empty()) {
    arguments.push_back(openMP.str());
    std::string folder = llvm::sys::path::parent_path(openMP).str();
    if (!llvm::is_contained(folders, folder))
      toLinker(bare ? "-rpath=" + folder : "-rpath," + folder);
  }
  if (!bare) {
    arguments.push_back("-lm");
    return arguments;
  }
  // Without a C compiler there may be no development files either.
  for (llvm::StringRef name : {"libm.so.6", "libc.so.6"})
    if (std::string library = findFile(folders, {name}); !library.empty())
      arguments.push_back(library);
  toLinker("--eh-frame-hdr");
  toLinker("--hash-style=gnu");
  return arguments;
}

llvm::Expected<LinkResult> linkSharedObject(llvm::ArrayRef<std::string> objects,
                                            llvm::StringRef output, bool withOpenMP) {
  std::string openMP;
  if (withOpenMP) {
    std::vector<std::string> folders = defaultFolders();
    folders.push_back(ATTUNE_LLVM_LIBRARIES);
    openMP = findFile(folders, {"libomp.so.5", "libomp.so"});
    if (openMP.empty())
      return llvm::createStringError(
          "LLVM's OpenMP runtime (libomp.so.5) is not installed; Debian: "
          "libomp5-22");
  }
  // A compiler driver may be there without the linker that it calls, so the next one is tried.
  llvm::Error first = llvm::Error::success();
  for (const std::string &linker : findLinkers()) {
    llvm::Error error = run(linkCommand(linker, objects, output, openMP));
    if (!error) {
      llvm::consumeError(std::move(first));
      return LinkResult{linker};
    }
    if (first)
      llvm::consumeError(std::move(error));
    else
      first = std::move(error);
  }
  if (first)
    return std::move(first);
  return llvm::createStringError("no linker found, expected clang-22, clang, cc, gcc or ld.lld on "
                                 "the path; with -o <name>.o none is needed");
}

} // namespace attune::cpu
