// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole way of one file: read, run the stages, make the entry functions, generate code, link,
// write. Each step returns an exit code and has printed its error.

#include "attune/Driver/Compile.h"

#include "CompilerFiles.h"
#include "Explain.h"
#include "OutputFile.h"
#include "RunReference.h"
#include "StageRunner.h"
#include "attune/Entry/CHeader.h"
#include "attune/Entry/Signature.h"
#include "attune/InitAll.h"
#include "attune/Pipeline/Stages.h"
#include "attune/Runtime/Error.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/CPU/Codegen.h"
#include "attune/Target/CPU/Link.h"
#include "attune/Target/CPU/SplitCodegen.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace attune {

namespace {
class Compilation {
public:
  explicit Compilation(const CompileOptions &options)
      : options(options), target(*findTarget(options.target)), timer(options.timeStages),
        context(registry(), MLIRContext::Threading::DISABLED), diagnostics(context, options.input) {
  }

  ~Compilation() { timer.printTotal(); }

  int run();

private:
  static DialectRegistry registry() {
    DialectRegistry all;
    registerAllDialects(all);
    return all;
  }
  int fail(llvm::Error error, int code = runtime::exitWrongInput) {
    llvm::errs() << "attune-compile: error: " << llvm::toString(std::move(error)) << "\n";
    return code;
  }
  /// With the exit code of the error's class.
  int failAsItSays(llvm::Error error) {
    int code = exitCodeOf(error);
    return fail(std::move(error), code);
  }
  LogicalResult checkInput();
  LogicalResult readSignature();
  int runStages();
  int generate();
  int writeModule();
  int writeCode(llvm::Module &code);
  int writeSharedObject(llvm::Module &code);
  int writeImage(StringRef ending);
  void explain(bool failed);
  StageOptions stageOptions() const;
  /// The last stage to run.
  const Stage &lastStage() const;

  const CompileOptions &options;
  const Target &target;
  StageTimer timer;
  MLIRContext context;
  DiagnosticPrinter diagnostics;
  Explanation explanation;
  cpu::TargetProcessor processor;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<StageRunner> stages;
  runtime::Signature signature;
  bool explained = false;
};
} // namespace

StageOptions Compilation::stageOptions() const {
  StageOptions result;
  result.disable = llvm::join(options.disable, ",");
  result.allow = llvm::join(options.allow, ",");
  result.lanes = processor.lanes;
  result.registers = processor.registers;
  result.cpu = processor.cpu;
  result.features = processor.features;
  result.triple = processor.triple;
  if (!options.precision.empty())
    result.precision = options.precision;
  if (!options.chips.empty())
    result.chips = target.orderChips(options.chips);
  return result;
}

const Stage &Compilation::lastStage() const {
  if (!options.stopAfter.empty())
    return *findStage(options.stopAfter);
  if (options.output.empty() && options.dumpStages.empty())
    return *findStage(options.explain ? "bufferize" : "verify-growth");
  return *stagesOf(target).back();
}

void Compilation::explain(bool failed) {
  if (!options.explain || explained || (failed && explanation.isEmpty()))
    return;
  explained = true;
  // Standard output belongs to the module where that is asked for.
  bool modulePrinted =
      options.output == "-" || (options.output.empty() && !options.stopAfter.empty());
  llvm::raw_ostream &os = modulePrinted ? llvm::errs() : llvm::outs();
  if (options.explainAsJson)
    explanation.printJson(os);
  else
    explanation.print(os);
  llvm::outs().flush();
}

/// A model holds ops of the dialects that the first stage keeps, and calls nothing from outside.
LogicalResult Compilation::checkInput() {
  const Stage *before =
      options.startAfter.empty() ? stagesOf(target).front() : findStage(options.startAfter);
  WalkResult result = (*module)->walk([&](Operation *op) {
    func::FuncOp function = dyn_cast<func::FuncOp>(op);
    if (function && function.isExternal()) {
      InFlightDiagnostic error = emitUnsupported(op);
      error << "function `" << function.getName()
            << "` has no body; calls of external functions are not supported";
      if (auto uses = SymbolTable::getSymbolUses(function, *module); uses && !uses->empty())
        error.attachNote(uses->begin()->getUser()->getLoc()) << "it is called here";
      return WalkResult::interrupt();
    }
    if (isa<ModuleOp>(op) || isLegalAfter(*before, op->getName()))
      return WalkResult::advance();
    emitUnsupported(op) << "`" << op->getName()
                        << "` is not supported in a model, expected ops of the dialects "
                        << llvm::join(llvm::split(before->legal, ' '), ", ");
    return WalkResult::interrupt();
  });
  return success(!result.wasInterrupted());
}

/// Reads what the module says of its entries, as soon as it does.
LogicalResult Compilation::readSignature() {
  if (!module->getOperation()->hasAttr(kEntriesAttr) || !signature.entries.empty())
    return success();
  FailureOr<runtime::Signature> recorded = recordedEntries(*module);
  if (failed(recorded))
    return failure();
  signature = *recorded;
  signature.target = options.target;
  signature.cpu = processor.cpu;
  signature.features = processor.features;
  signature.triple = processor.triple;
  return success();
}

int Compilation::runStages() {
  stages =
      std::make_unique<StageRunner>(*module, options, target, stageOptions(), diagnostics, timer);
  if (failed(readSignature()))
    return runtime::exitWrongInput;
  if (!options.startAfter.empty() && signature.entries.empty()) {
    (*module)->emitError() << "the module was not printed after stage `" << options.startAfter
                           << "`: it has no attribute " << kEntriesAttr;
    return runtime::exitWrongInput;
  }
  bool runs = options.startAfter.empty();
  for (const Stage *stage : stagesOf(target)) {
    if (!runs) {
      runs = stage->name == options.startAfter;
      continue;
    }
    int code = stages->run(*stage);
    // What was rewritten also explains why a later check fails.
    if (code || stage->name == "bufferize")
      explain(/*failed=*/code != 0);
    if (code)
      return code;
    if (failed(readSignature()))
      return runtime::exitWrongInput;
    if (stage == &lastStage())
      break;
  }
  explain(/*failed=*/false);
  return 0;
}

int Compilation::writeModule() {
  std::string path = options.output.empty() ? "-" : options.output;
  llvm::Error error = writeFile(path, [&](llvm::raw_pwrite_stream &os) {
    module->print(os, OpPrintingFlags().assumeVerified());
    os << "\n";
    return llvm::Error::success();
  });
  return error ? fail(std::move(error)) : 0;
}

int Compilation::writeSharedObject(llvm::Module &code) {
  llvm::Expected<OutputFile> library = OutputFile::create(options.output);
  if (!library)
    return fail(library.takeError());
  bool withOpenMP = cpu::usesOpenMP(code);
  llvm::Expected<std::vector<cpu::ObjectCode>> parts = cpu::compileInParts(code, processor);
  if (!parts)
    return fail(parts.takeError(), runtime::exitInternal);
  timer.finish("code generation");

  std::vector<OutputFile> objects;
  std::vector<std::string> names;
  for (const cpu::ObjectCode &part : *parts) {
    llvm::Expected<OutputFile> object = OutputFile::create(options.output + ".o");
    if (!object)
      return fail(object.takeError());
    llvm::Error written = object->write([&](llvm::raw_pwrite_stream &os) {
      os.write(part.data(), part.size());
      return llvm::Error::success();
    });
    if (written)
      return fail(std::move(written));
    names.push_back(object->temporaryName().str());
    objects.push_back(std::move(*object));
  }
  llvm::Expected<std::string> archive = target.runtimeArchive();
  if (!archive)
    return failAsItSays(archive.takeError());
  if (!archive->empty())
    names.push_back(*archive);
  llvm::Expected<cpu::LinkResult> linked =
      cpu::linkSharedObject(names, library->temporaryName(), withOpenMP);
  if (!linked)
    return failAsItSays(linked.takeError());
  llvm::SmallString<128> headerPath(options.output);
  llvm::sys::path::replace_extension(headerPath, "h");
  llvm::Expected<OutputFile> header = OutputFile::create(headerPath);
  if (!header)
    return fail(header.takeError());
  llvm::Error error = header->write([&](llvm::raw_pwrite_stream &os) {
    os << cHeader(signature, llvm::sys::path::filename(options.output));
    return llvm::Error::success();
  });
  if (!error)
    error = header->keep();
  if (!error)
    error = library->keep();
  if (error)
    return fail(std::move(error));
  if (options.verbose)
    llvm::errs() << "linked with " << linked->linker << "\nwrote " << options.output << " and "
                 << headerPath << "\n";
  timer.finish("link");
  return 0;
}

int Compilation::writeCode(llvm::Module &code) {
  StringRef output = options.output;
  if (output.ends_with(".so"))
    return writeSharedObject(code);
  cpu::optimise(code, processor);
  timer.finish("optimisation");
  llvm::Error error = writeFile(output, [&](llvm::raw_pwrite_stream &os) -> llvm::Error {
    if (!output.ends_with(".ll"))
      return cpu::emit(code, processor, os, /*asText=*/output.ends_with(".s"));
    code.print(os, nullptr);
    return llvm::Error::success();
  });
  timer.finish("code generation");
  if (error)
    return fail(std::move(error));
  if (options.verbose)
    llvm::errs() << "wrote " << output << "\n";
  return 0;
}

/// Writes the device's code alone.
int Compilation::writeImage(StringRef ending) {
  llvm::Expected<std::string> image = target.image(*module, ending);
  if (!image) {
    llvm::Error error = image.takeError();
    int code = exitCodeOf(error);
    return fail(llvm::createStringError("-o is `" + options.output +
                                        "`: " + llvm::toString(std::move(error))),
                code);
  }
  llvm::Error error = writeFile(options.output, [&](llvm::raw_pwrite_stream &os) {
    os << *image;
    return llvm::Error::success();
  });
  return error ? fail(std::move(error)) : 0;
}

/// Remarks and warnings of LLVM are about code that no user wrote; an error is a bug.
static void countErrors(const llvm::DiagnosticInfo *info, void *errors) {
  if (info->getSeverity() != llvm::DS_Error)
    return;
  llvm::DiagnosticPrinterRawOStream printer(llvm::errs());
  llvm::errs() << "attune-compile: error: internal error in code generation: ";
  info->print(printer);
  llvm::errs() << "\n";
  ++*static_cast<unsigned *>(errors);
}

int Compilation::generate() {
  // The last stage has dropped it; a module that a bug is reported with is compiled from here.
  (*module)->setAttr(kEntriesAttr, StringAttr::get(&context, signature.toJson()));
  return stages->generate([&] {
    llvm::LLVMContext llvmContext;
    unsigned errors = 0;
    llvmContext.setDiagnosticHandlerCallBack(countErrors, &errors, /*RespectFilters=*/false);
    std::unique_ptr<llvm::Module> code = cpu::translate(*module, llvmContext, processor);
    if (!code)
      return int(runtime::exitInternal);
    timer.finish("translation");
    int exitCode = writeCode(*code);
    return errors ? int(runtime::exitInternal) : exitCode;
  });
}

int Compilation::run() {
  llvm::Expected<cpu::TargetProcessor> found =
      cpu::findTargetProcessor(options.cpu, options.triple);
  if (!found)
    return fail(found.takeError());
  processor = std::move(*found);
  if (options.verbose)
    llvm::errs() << "target " << processor.triple << ", cpu " << processor.cpu << ", "
                 << processor.lanes << " floats in a vector\n";
  if (!options.compilerFiles.empty())
    if (llvm::Error error = writeCompilerFiles(options.compilerFiles))
      return fail(std::move(error));
  if (options.explain)
    explanation.attach(context);
  timer.finish("start");
  module = readModule(context, options.input);
  timer.finish("parse");
  if (!module)
    return runtime::exitWrongInput;
  if (failed(checkInput()))
    return diagnostics.exitCode();
  if (int code = runStages())
    return code;
  if (!options.stopAfter.empty())
    return writeModule();
  if (options.output.empty())
    return 0;
  if (options.output == "-" || StringRef(options.output).ends_with(".mlir"))
    return writeModule();
  for (StringRef ending : target.imageEndings())
    if (StringRef(options.output).ends_with(ending))
      return writeImage(ending);
  target.dropImages(*module);
  return generate();
}

int compileFile(const CompileOptions &options) { return Compilation(options).run(); }

int compileMain(int argc, char **argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (isReferenceRun(arguments))
    return referenceMain(arguments);
  int exitCode = 0;
  std::optional<CompileOptions> options = parseCompileOptions(arguments, exitCode);
  if (!options)
    return exitCode;
  registerAllPasses();
  return compileFile(*options);
}

} // namespace attune
