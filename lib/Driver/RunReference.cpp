// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a model in the reference interpreter, three ways: on bound files with the report of
// attune-run, on functions without arguments (--print), or before and after a pass pipeline
// (--before-after).

#include "RunReference.h"

#include "Diagnostics.h"
#include "attune/Entry/Passes.h"
#include "attune/Entry/Signature.h"
#include "attune/InitAll.h"
#include "attune/Reference/Interpreter.h"
#include "attune/Runtime/Run.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace attune {

static int fail(const Twine &message, int code = runtime::exitWrongInput) {
  llvm::errs() << "attune-compile: error: " << message << "\n";
  return code;
}

OwningOpRef<ModuleOp> readModule(MLIRContext &context, const std::string &path) {
  if (llvm::sys::fs::is_directory(path)) {
    fail("cannot read `" + path + "`: it is a folder");
    return nullptr;
  }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!file) {
    fail("cannot read `" + path + "`: " + file.getError().message());
    return nullptr;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, &context);
}

namespace {
/// What the command line says, as far as attune-run does not know it.
struct ReferenceOptions {
  bool print = false;
  std::string beforeAfter;
  std::string input;
  uint64_t seed = 0;
  double rtol = 1e-9;
};
} // namespace

/// The value of a flag in `arguments`, as `--flag=value` or `--flag value`.
static std::optional<std::string> flagValue(const std::vector<std::string> &arguments,
                                            StringRef flag) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (argument == flag)
      return i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (argument.consume_front(flag) && argument.consume_front("="))
      return argument.str();
  }
  return std::nullopt;
}

bool isReferenceRun(const std::vector<std::string> &arguments) {
  return flagValue(arguments, "--target") == "reference";
}

/// Parses the command line of --print and --before-after; 0, or an exit code.
static int parseReferenceOptions(const std::vector<std::string> &arguments,
                                 ReferenceOptions &options) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (argument == "--print") {
      options.print = true;
      continue;
    }
    if (!argument.starts_with("-") || argument == "-") {
      if (!options.input.empty())
        return fail("unexpected argument `" + argument + "`, the input is `" + options.input + "`");
      options.input = argument.str();
      continue;
    }
    auto [name, value] = argument.split('=');
    if (name != "--target" && name != "--before-after" && name != "--seed" && name != "--rtol")
      return fail("unknown option `" + name + "` beside --print or --before-after, see --help");
    if (!argument.contains('=') && i + 1 < arguments.size())
      value = arguments[++i];
    if (value.empty())
      return fail("option " + name + " needs a value");
    if (name == "--before-after")
      options.beforeAfter = value.str();
    if (name == "--seed" && value.getAsInteger(10, options.seed))
      return fail("--seed is `" + value + "`, expected a number of at least 0");
    if (name == "--rtol" && (value.getAsDouble(options.rtol) || !(options.rtol >= 0)))
      return fail("--rtol is `" + value + "`, expected a number of at least 0");
  }
  if (options.print && !options.beforeAfter.empty())
    return fail("--print and --before-after exclude each other");
  return options.input.empty() ? fail("no input, expected a .mlir file, see --help") : 0;
}

/// Evaluates every public function without arguments.
static int printAll(ModuleOp module) {
  unsigned evaluated = 0;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal() || function.getNumArguments() != 0)
      continue;
    ++evaluated;
    llvm::Expected<SmallVector<reference::Tensor>> results = reference::evaluate(function, {});
    if (!results) {
      llvm::Error error = results.takeError();
      int code = exitCodeOf(error);
      return fail(llvm::toString(std::move(error)), code);
    }
    for (const reference::Tensor &result : *results)
      reference::printResult(llvm::outs(), function.getName(), result);
  }
  llvm::outs().flush();
  return evaluated ? 0 : fail("no public function without arguments to print");
}

static reference::Tensor toReference(const runtime::Tensor &tensor) {
  bool isFloat = runtime::isFloat(tensor.dtype());
  reference::Tensor result = isFloat ? reference::Tensor::floats(tensor.shape())
                                     : reference::Tensor::integers(tensor.shape());
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    if (isFloat)
      result.f[i] = tensor.toDouble(i);
    else if (tensor.dtype() == runtime::DType::I64)
      result.i[i] = tensor.as<int64_t>()[i];
    else
      result.i[i] = int64_t(tensor.toDouble(i));
  }
  return result;
}

static void copyResult(const reference::Tensor &from, const runtime::Tensor &to) {
  for (int64_t i = 0; i < to.elements(); ++i) {
    if (to.dtype() == runtime::DType::I64)
      to.mutableAs<int64_t>()[i] = from.i[i];
    else
      to.set(i, from.isFloat ? from.f[i] : double(from.i[i]));
  }
}

/// One call of an entry; the runtime has allocated the results, floats as float64.
static int call(ModuleOp module, const runtime::BoundCall &bound, std::string &message) {
  func::FuncOp function = module.lookupSymbol<func::FuncOp>(bound.entry->name);
  SmallVector<reference::Tensor> arguments;
  for (const runtime::Tensor &argument : bound.args)
    arguments.push_back(toReference(argument));
  llvm::Expected<SmallVector<reference::Tensor>> results = reference::evaluate(function, arguments);
  if (!results) {
    llvm::Error error = results.takeError();
    int code = exitCodeOf(error);
    message = llvm::toString(std::move(error));
    return code;
  }
  for (size_t i = 0; i < results->size(); ++i) {
    const reference::Tensor &result = (*results)[i];
    if (result.shape != bound.results[i].shape()) {
      message = "result `" + bound.entry->results[i].name + "` has shape " +
                reference::shapeText(result.shape) + ", expected " +
                runtime::shapeText(bound.results[i].shape());
      return runtime::exitWrongInput;
    }
    copyResult(result, bound.results[i]);
  }
  return 0;
}

static int runBound(MLIRContext &context, const std::vector<std::string> &arguments) {
  std::vector<const char *> pointers{"attune-compile"};
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  int exitCode = 0;
  std::optional<runtime::RunOptions> options =
      runtime::parseRunOptions("attune-compile", int(pointers.size()), pointers.data(), exitCode);
  if (!options)
    return exitCode;
  if (options->machine)
    return fail("--machine is an option of attune-run");
  DiagnosticPrinter diagnostics(context, options->input);
  OwningOpRef<ModuleOp> module = readModule(context, options->input);
  if (!module)
    return runtime::exitWrongInput;
  PassManager manager(&context);
  // As the stage table has it: sizes are not followed through calls. Nothing else is rewritten.
  manager.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  manager.addPass(createEntryPass());
  if (failed(manager.run(*module)) || failed(recordEntries(*module)))
    return diagnostics.exitCode();
  FailureOr<runtime::Signature> signature = recordedEntries(*module);
  if (failed(signature))
    return diagnostics.exitCode();
  signature->target = "reference";
  runtime::Executor executor;
  executor.floatsAsDouble = true;
  executor.checkIndices = true;
  executor.call = [&](const runtime::BoundCall &bound, std::string &message) {
    return call(*module, bound, message);
  };
  return runtime::runAndReport(*signature, *options, executor);
}

int referenceMain(const std::vector<std::string> &arguments) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  bool hasPrint = llvm::is_contained(arguments, "--print");
  if (!hasPrint && !flagValue(arguments, "--before-after"))
    return runBound(context, arguments);

  ReferenceOptions options;
  if (int code = parseReferenceOptions(arguments, options))
    return code;
  DiagnosticPrinter diagnostics(context, options.input);
  OwningOpRef<ModuleOp> module = readModule(context, options.input);
  if (!module)
    return runtime::exitWrongInput;
  if (options.print)
    return printAll(*module);
  registerAllPasses();
  bool isLimit = false;
  LogicalResult agree = reference::beforeAfter(*module, options.beforeAfter, options.seed,
                                               options.rtol, llvm::outs(), isLimit);
  llvm::outs().flush();
  if (succeeded(agree))
    return 0;
  isLimit |= diagnostics.saw(FailureClass::Unsupported);
  return isLimit ? runtime::exitUnsupported : runtime::exitWrongInput;
}

} // namespace attune
