// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ptxas is a program; nvJitLink a library, which is opened when it is needed. Its functions have a
// version in their names since CUDA 12, and plain names beside them in some releases.

#include "Cubin.h"

#include "attune/Support/Errors.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <dlfcn.h>
#include <vector>

namespace attune::gpu {

static std::string findAssembler() {
  if (std::optional<std::string> given = llvm::sys::Process::GetEnv("ATTUNE_PTXAS"))
    return *given;
  std::vector<std::string> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = llvm::sys::Process::GetEnv(variable))
      folders.push_back(*root + "/bin");
  std::vector<llvm::StringRef> refs(folders.begin(), folders.end());
  if (!refs.empty())
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName("ptxas", refs))
      return *path;
  if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName("ptxas"))
    return *path;
  if (llvm::ErrorOr<std::string> path =
          llvm::sys::findProgramByName("ptxas", {"/usr/local/cuda/bin"}))
    return *path;
  return "";
}

static llvm::Expected<std::string> readAll(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::createStringError("cannot read `" + path + "`: " + file.getError().message());
  return (*file)->getBuffer().str();
}

static llvm::Expected<Cubin> runAssembler(const std::string &program, llvm::StringRef ptx,
                                          llvm::StringRef chip) {
  llvm::SmallString<128> in, out, log;
  for (auto [path, suffix] :
       {std::pair(&in, "ptx"), std::pair(&out, "cubin"), std::pair(&log, "log")})
    if (std::error_code code = llvm::sys::fs::createTemporaryFile("attune-kernels", suffix, *path))
      return llvm::make_error<NotSupported>("cannot make a temporary file: " + code.message());
  llvm::FileRemover removers[] = {llvm::FileRemover(in), llvm::FileRemover(out),
                                  llvm::FileRemover(log)};
  std::error_code code;
  {
    llvm::raw_fd_ostream file(in, code);
    file << ptx;
    file.close();
    if (code || file.has_error())
      return llvm::make_error<NotSupported>("cannot write `" + in + "`");
  }
  std::string arch = ("-arch=" + chip).str();
  std::string reason;
  llvm::StringRef logName = log;
  int status =
      llvm::sys::ExecuteAndWait(program, {program, arch, "-v", in, "-o", out}, std::nullopt,
                                {llvm::StringRef(""), logName, logName}, 0, 0, &reason);
  llvm::Expected<std::string> report = readAll(log);
  if (!report)
    return report.takeError();
  if (status != 0)
    return llvm::createStringError("`" + program + "` failed for " + chip.str() + ": " +
                                   (report->empty() ? reason : report->substr(0, 1000)));
  llvm::Expected<std::string> data = readAll(out);
  if (!data)
    return data.takeError();
  return Cubin{std::move(*data), program, std::move(*report)};
}

namespace {
/// The library's functions, as its header declares them.
struct JitLink {
  using Handle = void *;
  int (*create)(Handle *, uint32_t, const char **) = nullptr;
  int (*destroy)(Handle *) = nullptr;
  int (*addData)(Handle, int, const void *, size_t, const char *) = nullptr;
  int (*complete)(Handle) = nullptr;
  int (*cubinSize)(Handle, size_t *) = nullptr;
  int (*cubin)(Handle, void *) = nullptr;
  int (*logSize)(Handle, size_t *) = nullptr;
  int (*log)(Handle, char *) = nullptr;
  std::string name;

  bool load();

private:
  template <typename Function> bool find(void *library, const char *name, Function &function);
};
} // namespace

template <typename Function>
bool JitLink::find(void *library, const char *name, Function &function) {
  void *symbol = dlsym(library, name);
  for (int major : {13, 12})
    for (int minor = 9; !symbol && minor >= 0; --minor)
      symbol = dlsym(library, ("__" + std::string(name) + "_" + std::to_string(major) + "_" +
                               std::to_string(minor))
                                  .c_str());
  function = reinterpret_cast<Function>(symbol);
  return symbol;
}

bool JitLink::load() {
  for (const char *file :
       {"libnvJitLink.so.13", "libnvJitLink.so.12", "/usr/local/cuda/lib64/libnvJitLink.so"}) {
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
      continue;
    name = file;
    return find(library, "nvJitLinkCreate", create) && find(library, "nvJitLinkDestroy", destroy) &&
           find(library, "nvJitLinkAddData", addData) &&
           find(library, "nvJitLinkComplete", complete) &&
           find(library, "nvJitLinkGetLinkedCubinSize", cubinSize) &&
           find(library, "nvJitLinkGetLinkedCubin", cubin) &&
           find(library, "nvJitLinkGetErrorLogSize", logSize) &&
           find(library, "nvJitLinkGetErrorLog", log);
  }
  return false;
}

static llvm::Expected<std::optional<Cubin>> linkInProcess(llvm::StringRef ptx,
                                                          llvm::StringRef chip) {
  JitLink library;
  if (!library.load())
    return std::nullopt;
  constexpr int kPtx = 2; // NVJITLINK_INPUT_PTX
  std::string arch = ("-arch=" + chip).str(), text = ptx.str();
  const char *options[] = {arch.c_str()};
  JitLink::Handle handle = nullptr;
  if (library.create(&handle, 1, options) != 0)
    return llvm::make_error<NotSupported>("`" + library.name + "` does not know " + chip +
                                          ", expected that of a later CUDA");
  auto fail = [&]() -> llvm::Error {
    size_t size = 0;
    std::string log;
    if (library.logSize(handle, &size) == 0 && size > 1) {
      log.resize(size);
      library.log(handle, log.data());
    }
    library.destroy(&handle);
    return llvm::createStringError("`" + library.name + "` failed for " + chip.str() + ": " +
                                   log.substr(0, 1000));
  };
  // The text's closing 0 counts.
  if (library.addData(handle, kPtx, text.c_str(), text.size() + 1, "kernels") != 0 ||
      library.complete(handle) != 0)
    return fail();
  size_t size = 0;
  if (library.cubinSize(handle, &size) != 0)
    return fail();
  Cubin cubin;
  cubin.data.resize(size);
  if (library.cubin(handle, cubin.data.data()) != 0)
    return fail();
  library.destroy(&handle);
  cubin.assembler = library.name;
  return cubin;
}

std::string noAssembler() {
  if (llvm::sys::Process::GetEnv("ATTUNE_PTXAS"))
    return "no assembler for graphics processors is used: ATTUNE_PTXAS is empty; expected the full "
           "name of ptxas, or no such variable";
  std::string text = "no assembler for graphics processors is found: looked for ptxas in ";
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = llvm::sys::Process::GetEnv(variable))
      text += *root + "/bin, ";
  return text + "the folders of PATH and /usr/local/cuda/bin, and for libnvJitLink.so.13 and .12 "
                "where the loader looks; both are in NVIDIA's CUDA toolkit (Debian: apt install "
                "nvidia-cuda-toolkit), and ATTUNE_PTXAS may name ptxas";
}

llvm::Expected<std::optional<Cubin>> assemble(llvm::StringRef ptx, llvm::StringRef chip) {
  std::string program = findAssembler();
  if (!program.empty()) {
    if (!llvm::sys::fs::can_execute(program))
      return llvm::make_error<NotSupported>("ATTUNE_PTXAS is `" + program +
                                            "`, which cannot be run; expected the full name of "
                                            "ptxas, or nothing to do without");
    llvm::Expected<Cubin> cubin = runAssembler(program, ptx, chip);
    if (!cubin)
      return cubin.takeError();
    return std::move(*cubin);
  }
  if (llvm::sys::Process::GetEnv("ATTUNE_PTXAS"))
    return std::nullopt;
  return linkInProcess(ptx, chip);
}

} // namespace attune::gpu
