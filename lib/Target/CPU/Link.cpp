// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linking through a C compiler or, where there is none, through ld.lld alone. The OpenMP runtime is
// named by its file, so no development package is needed, and its folder becomes the run path where
// the loader would not look there by itself.

#include "attune/Target/CPU/Link.h"

#include "attune/Support/Errors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
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

static constexpr llvm::StringLiteral kLinkers[] = {"clang-22", "clang",  "cc",
                                                   "gcc",      "ld.lld", "ld.lld-22"};
static constexpr llvm::StringLiteral kOpenMP[] = {"libomp.so.5", "libomp.so"};

LinkFolders LinkFolders::ofThisMachine() {
  LinkFolders folders;
  if (std::optional<std::string> path = llvm::sys::Process::GetEnv("PATH"))
    for (llvm::StringRef folder : llvm::split(*path, ':'))
      if (!folder.empty())
        folders.programs.push_back(folder.str());
  folders.programs.push_back(ATTUNE_LLVM_TOOLS);
  folders.libraries = defaultFolders();
  folders.libraries.push_back(ATTUNE_LLVM_LIBRARIES);
  return folders;
}

/// Every linker there is: those on the path in the order of their names, then those beside LLVM's
/// tools.
static std::vector<std::string> findLinkers(llvm::ArrayRef<std::string> folders) {
  std::vector<std::string> linkers;
  if (folders.empty())
    return linkers;
  std::vector<llvm::StringRef> refs(folders.begin(), folders.end());
  llvm::ArrayRef<llvm::StringRef> all = refs;
  for (llvm::ArrayRef<llvm::StringRef> part : {all.drop_back(), all.take_back()})
    for (llvm::StringRef name : kLinkers)
      // Without folders the function would search PATH.
      if (!part.empty())
        if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name, part))
          linkers.push_back(*path);
  return linkers;
}

static llvm::Error missing(llvm::StringRef what, llvm::ArrayRef<llvm::StringLiteral> names,
                           llvm::ArrayRef<std::string> folders, llvm::StringRef remedy) {
  return llvm::make_error<NotSupported>(
      "cannot link: there is no " + what + "; looked for " + llvm::join(names, ", ") + " in " +
      (folders.empty() ? "no folder" : llvm::join(folders, ", ")) + "; " + remedy);
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
                                            llvm::StringRef output, bool withOpenMP,
                                            const LinkFolders &folders) {
  std::string openMP;
  if (withOpenMP) {
    openMP = findFile(folders.libraries, {kOpenMP[0], kOpenMP[1]});
    if (openMP.empty())
      return missing("OpenMP runtime of LLVM", kOpenMP, folders.libraries,
                     "install it (Debian: apt install libomp5-22), or write -o <name>.o, which is "
                     "not linked");
  }
  // A compiler driver may be there without the linker that it calls, so the next one is tried.
  std::string first;
  for (const std::string &linker : findLinkers(folders.programs)) {
    llvm::Error error = run(linkCommand(linker, objects, output, openMP));
    if (!error)
      return LinkResult{linker};
    std::string text = llvm::toString(std::move(error));
    if (first.empty())
      first = text;
  }
  if (!first.empty())
    return llvm::make_error<NotSupported>(first);
  return missing("linker", kLinkers, folders.programs,
                 "install one (Debian: apt install lld-22), or write -o <name>.o, which is not "
                 "linked");
}

} // namespace attune::cpu
