// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-zoo: `attune-zoo <model> --key=value ... [-o file]`. Ends with 0, with 1 where the command
// line or the output file is wrong, with 70 where the module that was built is.

#include "attune/Models/Models.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace attune::models;
using llvm::StringRef;

namespace {
enum ExitCode { Done = 0, WrongInput = 1, Bug = 70 };
} // namespace

static int fail(ExitCode code, const llvm::Twine &message) {
  llvm::errs() << "attune-zoo: error: " << message << "\n";
  return code;
}

static void printOptions(const Model &model, llvm::raw_ostream &out) {
  for (const Option &option : model.options) {
    std::string left = "--" + option.key.str() + "=";
    left += option.fallback.empty() ? "<required>" : option.fallback.str();
    out << llvm::formatv("  {0,-24} {1} ({2})\n", left, option.meaning, describeValues(option));
  }
}

static void printHelp(const Model *only, llvm::raw_ostream &out) {
  if (only) {
    out << "usage: attune-zoo " << only->name << " --key=value ... [-o file]\n\n"
        << only->name << ": " << only->summary << "\n";
    printOptions(*only, out);
    return;
  }
  out << "usage: attune-zoo <model> --key=value ... [-o file]\n\n"
         "Writes a model as MLIR; numbers of nodes, edges and graphs stay open.\n\n"
         "  -o file       where to write; `-`, and the default, is standard output\n"
         "  --list        the names of the models\n"
         "  --help        this text; after a model's name, that model alone\n\n"
         "Keys and their defaults:\n";
  for (const Model *model : allModels()) {
    out << "\n" << model->name << ": " << model->summary << "\n";
    printOptions(*model, out);
  }
}

/// Writes beside the file and renames, so that a failure leaves no half of a module; what is no
/// regular file (a device, a pipe) is written directly.
static llvm::Error writeText(StringRef path, StringRef text) {
  if (path == "-" || (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))) {
    std::error_code code;
    llvm::raw_fd_ostream out(path, code);
    if (!code) {
      out << text;
      out.flush();
      code = out.error();
      out.clear_error();
    }
    return llvm::errorCodeToError(code);
  }
  llvm::Expected<llvm::sys::fs::TempFile> file =
      llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp");
  if (!file)
    return file.takeError();
  llvm::raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  out << text;
  out.flush();
  if (std::error_code code = out.error()) {
    out.clear_error();
    llvm::consumeError(file->discard());
    return llvm::errorCodeToError(code);
  }
  return file->keep(path);
}

/// Takes `-o` out of the arguments; false where it has no file or stands twice.
static bool takeOutput(llvm::SmallVectorImpl<StringRef> &arguments, std::string &output) {
  auto found = llvm::find(arguments, "-o");
  if (found == arguments.end())
    return true;
  if (std::next(found) == arguments.end())
    return false;
  output = std::next(found)->str();
  arguments.erase(found, found + 2);
  return !output.empty() && !llvm::is_contained(arguments, "-o");
}

static int writeModel(const Model &model, llvm::ArrayRef<StringRef> arguments, StringRef output) {
  std::string error;
  std::optional<Options> options = Options::parse(model, arguments, error);
  if (!options)
    return fail(WrongInput, model.name + llvm::Twine(": ") + error);

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module = build(&context, model, *options, error);
  std::string commandLine = model.name.str();
  for (StringRef argument : arguments)
    commandLine += " " + argument.str();
  if (!module)
    return fail(Bug, "the module of `" + commandLine + "` does not verify: " + error);

  std::string text = "// attune-zoo " + commandLine + "\n";
  llvm::raw_string_ostream stream(text);
  print(*module, stream);
  stream.flush();
  if (llvm::Error problem = writeText(output, text))
    return fail(WrongInput, "cannot write `" + (output == "-" ? "standard output" : output) +
                                "`: " + llvm::toString(std::move(problem)));
  return Done;
}

int attune::models::zooMain(int argc, char **argv) {
  llvm::SmallVector<StringRef> arguments(argv + (argc > 0), argv + argc);
  std::string names = llvm::join(
      llvm::map_range(allModels(), [](const Model *model) { return model->name.str(); }), ", ");
  if (arguments.empty())
    return fail(WrongInput, "no model, expected one of " + names + " (--help lists their keys)");

  StringRef first = arguments.front();
  if (llvm::is_contained({"--help", "-h", "help"}, first)) {
    printHelp(nullptr, llvm::outs());
    return Done;
  }
  if (first == "--list") {
    for (const Model *model : allModels())
      llvm::outs() << model->name << "\n";
    return Done;
  }
  const Model *model = findModel(first);
  if (!model)
    return fail(WrongInput, "unknown model `" + first + "`, expected one of " + names);
  arguments.erase(arguments.begin());
  if (llvm::is_contained(arguments, "--help") || llvm::is_contained(arguments, "-h")) {
    printHelp(model, llvm::outs());
    return Done;
  }
  std::string output = "-";
  if (!takeOutput(arguments, output))
    return fail(WrongInput, "`-o` is to stand once and before a file name");
  return writeModel(*model, arguments, output);
}
