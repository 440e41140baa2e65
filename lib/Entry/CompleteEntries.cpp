// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The head of every pipeline. First the matrices: the planner follows a matrix through its defining
// ops, so one that comes from elsewhere (an argument, a loop, a branch) has no meaning to it. Then
// the public functions: names bind files, named sizes decide what a caller allocates, so they are
// completed where they can be derived and refused where they contradict the code.

#include "Slot.h"

#include "attune/Dialect/Attn/AttnBase.h"
#include "attune/Entry/Passes.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace attune {
#define GEN_PASS_DEF_ENTRYPASS
#include "attune/Entry/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;
using runtime::SizeSum;

namespace {

/// Checks and completes one public function.
class EntryFunction {
public:
  explicit EntryFunction(func::FuncOp function);
  LogicalResult run();

private:
  LogicalResult checkAttributes(Slot slot);
  LogicalResult checkNames();
  void assignNames();
  void setDims(Slot slot, ArrayRef<SizeSum> shape);
  LogicalResult assignArgumentDims(Slot slot);
  LogicalResult assignResultDims(Slot slot);
  LogicalResult assignSizes();
  LogicalResult checkIndexData(Slot slot, StringRef attribute);
  LogicalResult checkPairs(Slot slot);

  func::FuncOp function;
  Builder b;
  SmallVector<Slot> arguments, results;
  /// The arguments' dimensions, and the names in them in order of appearance.
  std::vector<SizeSum> sums;
  std::vector<std::string> symbols;
};

} // namespace

EntryFunction::EntryFunction(func::FuncOp function) : function(function), b(function.getContext()) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    arguments.push_back({function, i, false});
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    results.push_back({function, i, true});
}

/// Only ranked tensors cross an entry, and a misspelt attribute must not be ignored.
LogicalResult EntryFunction::checkAttributes(Slot slot) {
  if (!isa<RankedTensorType>(slot.type()))
    return asUnsupported(slot.error())
           << "has type " << slot.type() << ", which is not supported, expected a ranked tensor";
  DictionaryAttr attributes =
      slot.isResult ? function.getResultAttrDict(slot.index) : function.getArgAttrDict(slot.index);
  if (!attributes)
    return success();
  for (NamedAttribute attribute : attributes) {
    StringRef name = attribute.getName().strref();
    if (!name.starts_with("attune."))
      continue;
    bool known =
        name == kNameAttr || name == kDimsAttr ||
        (!slot.isResult && (name == kBelowAttr || name == kOffsetsOfAttr || name == kPairsOfAttr));
    if (!known)
      return slot.error() << "has the unknown attribute `" << name << "`";
    if (name != kDimsAttr && !isa<StringAttr>(attribute.getValue()))
      return slot.error() << "has `" << name << "` = " << attribute.getValue()
                          << ", expected a string";
  }
  return success();
}

LogicalResult EntryFunction::checkNames() {
  auto slots = llvm::concat<Slot>(arguments, results);
  if (llvm::none_of(slots, [](Slot slot) { return slot.get(kNameAttr); }))
    return success();
  llvm::StringMap<Slot> seen;
  for (Slot slot : slots) {
    auto name = dyn_cast_if_present<StringAttr>(slot.get(kNameAttr));
    if (!name || name.getValue().empty())
      return slot.error() << "has no `attune.name`, expected names on all arguments and results "
                             "or on none";
    auto [other, isNew] = seen.try_emplace(name.getValue(), slot);
    if (isNew)
      continue;
    Slot &first = other->getValue();
    InFlightDiagnostic error = slot.error();
    error << "has the same `attune.name` as " << first.describe();
    error.attachNote(first.loc()) << first.describe() << " is here";
    return error;
  }
  return success();
}

/// Only after all checks, so that messages speak of names that the user gave.
void EntryFunction::assignNames() {
  for (Slot slot : llvm::concat<Slot>(arguments, results))
    if (!slot.get(kNameAttr))
      slot.set(kNameAttr, b.getStringAttr((slot.isResult ? "result" : "arg") + Twine(slot.index)));
}

/// One string for each dimension: its size where it is dynamic, "" where it is static.
void EntryFunction::setDims(Slot slot, ArrayRef<SizeSum> shape) {
  SmallVector<std::string> texts;
  for (auto [dim, size] : llvm::enumerate(shape))
    texts.push_back(cast<RankedTensorType>(slot.type()).isDynamicDim(dim) ? size.text() : "");
  SmallVector<StringRef> refs(texts.begin(), texts.end());
  slot.set(kDimsAttr, b.getStrArrayAttr(refs));
}

LogicalResult EntryFunction::assignArgumentDims(Slot slot) {
  auto type = cast<RankedTensorType>(slot.type());
  if (!slot.get(kDimsAttr)) {
    if (type.hasStaticShape())
      return success();
    SmallVector<SizeSum> shape;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      shape.push_back(SizeSum::named("d" + std::to_string(slot.index) + "_" + std::to_string(dim)));
    setDims(slot, shape);
  }
  FailureOr<std::vector<SizeSum>> shape = slot.readShape();
  if (failed(shape))
    return failure();
  setDims(slot, *shape);
  for (const SizeSum &size : *shape) {
    sums.push_back(size);
    for (const std::string &name : size.names())
      if (!llvm::is_contained(symbols, name))
        symbols.push_back(name);
  }
  return success();
}

/// Callers allocate results by `attune.dims`, so a wrong name would be a write out of bounds.
LogicalResult EntryFunction::assignResultDims(Slot slot) {
  auto type = cast<RankedTensorType>(slot.type());
  std::vector<SizeSum> given;
  if (slot.get(kDimsAttr)) {
    FailureOr<std::vector<SizeSum>> read = slot.readShape();
    if (failed(read))
      return failure();
    given = std::move(*read);
  }
  if (type.hasStaticShape())
    return success();
  Value returned = function.getBody().back().getTerminator()->getOperand(slot.index);
  auto noteReturned = [&](InFlightDiagnostic error) {
    error.attachNote(returned.getLoc()) << "this is what is returned";
    return error;
  };
  SmallVector<SizeSum> shape(type.getRank());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    SizePoly size = sizeOf(returned, dim);
    std::optional<SizeSum> sum = sumOf(size);
    if (!sum)
      return noteReturned(asUnsupported(slot.error())
                          << "has the size `" << size.str() << "` in dimension " << dim
                          << ", which is not supported, expected a sum of the arguments' sizes");
    if (!given.empty() && given[dim] != *sum)
      return noteReturned(slot.error() << "names dimension " << dim << " `" << given[dim].text()
                                       << "`, but its size is `" << sum->text() << "`");
    shape[dim] = *sum;
  }
  setDims(slot, shape);
  return success();
}

/// `attune.sizes` says of each size whether memory may grow with its square ("batch") or not.
LogicalResult EntryFunction::assignSizes() {
  Attribute attribute = function->getAttr(kSizesAttr);
  auto given = dyn_cast_if_present<DictionaryAttr>(attribute);
  if (attribute && !given)
    return function.emitError() << "`attune.sizes` is " << attribute << ", expected a dictionary";
  NamedAttrList sizes(given);
  for (NamedAttribute size : sizes) {
    if (!runtime::isSizeName(size.getName().strref()))
      return function.emitError() << "`attune.sizes` has the key `" << size.getName().strref()
                                  << "`, expected the name of one size";
    auto kind = dyn_cast<StringAttr>(size.getValue());
    if (!kind || (kind.getValue() != "rows" && kind.getValue() != "batch"))
      return function.emitError() << "`attune.sizes` gives `" << size.getName().strref()
                                  << "` = " << size.getValue()
                                  << ", expected \"rows\" or \"batch\"";
  }
  for (StringRef symbol : symbols)
    if (!sizes.get(symbol))
      sizes.append(symbol, b.getStringAttr("rows"));
  if (!symbols.empty())
    function->setAttr(kSizesAttr, sizes.getDictionary(function.getContext()));
  return success();
}

LogicalResult EntryFunction::checkIndexData(Slot slot, StringRef attribute) {
  auto symbol = dyn_cast_if_present<StringAttr>(slot.get(attribute));
  if (!symbol)
    return success();
  auto type = cast<RankedTensorType>(slot.type());
  if (!type.getElementType().isSignlessInteger())
    return slot.error() << "has `" << attribute << "` and elements of type "
                        << type.getElementType() << ", expected integers";
  if (attribute == kOffsetsOfAttr && type.getRank() != 1)
    return slot.error() << "has `" << attribute << "` and rank " << type.getRank()
                        << ", expected rank 1";
  int64_t number;
  if (attribute == kBelowAttr && !symbol.getValue().getAsInteger(10, number)) {
    if (number >= 1 && number <= INT32_MAX)
      return success();
    return slot.error() << "has `" << attribute << "` = \"" << symbol.getValue()
                        << "\", expected a size or a number from 1 to 2147483647";
  }
  if (!llvm::is_contained(symbols, symbol.getValue()))
    return slot.error() << "has `" << attribute << "` = \"" << symbol.getValue()
                        << "\", expected one of the sizes " << llvm::join(symbols, ", ");
  return success();
}

LogicalResult EntryFunction::checkPairs(Slot slot) {
  auto name = dyn_cast_if_present<StringAttr>(slot.get(kPairsOfAttr));
  if (!name)
    return success();
  if (cast<RankedTensorType>(slot.type()).getRank() != 1)
    return slot.error() << "has `" << kPairsOfAttr << "` and rank "
                        << cast<RankedTensorType>(slot.type()).getRank() << ", expected rank 1";
  auto *named = llvm::find_if(arguments, [&](Slot other) { return other.get(kNameAttr) == name; });
  if (named != arguments.end() && named->get(kOffsetsOfAttr))
    return success();
  InFlightDiagnostic error = slot.error();
  error << "has `" << kPairsOfAttr << "` = \"" << name.getValue()
        << "\", expected the name of an argument with `" << kOffsetsOfAttr << "`";
  if (named != arguments.end())
    error.attachNote(named->loc()) << named->describe() << " has none";
  return error;
}

LogicalResult EntryFunction::run() {
  if (!llvm::hasSingleElement(function.getBody()))
    return emitUnsupported(function)
           << "entry `" << function.getName() << "` has " << function.getBody().getBlocks().size()
           << " blocks, which is not supported, expected one";
  for (Slot slot : llvm::concat<Slot>(arguments, results))
    if (failed(checkAttributes(slot)))
      return failure();
  if (failed(checkNames()))
    return failure();
  for (Slot slot : arguments)
    if (failed(assignArgumentDims(slot)))
      return failure();
  if (std::string problem = runtime::checkFixed(symbols, sums); !problem.empty())
    return function.emitError() << problem;
  for (Slot slot : arguments)
    if (failed(checkIndexData(slot, kBelowAttr)) || failed(checkIndexData(slot, kOffsetsOfAttr)) ||
        failed(checkPairs(slot)))
      return failure();
  for (Slot slot : results)
    if (failed(assignResultDims(slot)))
      return failure();
  for (Slot slot : arguments)
    slot.set(bufferization::BufferizationDialect::kWritableAttrName, b.getBoolAttr(false));
  assignNames();
  return assignSizes();
}

static bool hasMatrix(TypeRange types) {
  return llvm::any_of(types, llvm::IsaPred<attn::MatrixType>);
}

/// A matrix may only come from an op that makes matrices.
static LogicalResult checkMatrices(Operation *op) {
  if (auto function = dyn_cast<func::FuncOp>(op))
    if (hasMatrix(function.getArgumentTypes()) || hasMatrix(function.getResultTypes()))
      return emitUnsupported(function)
             << "`" << function.getName() << "` takes or returns a matrix, which is not supported";
  if (hasMatrix(op->getResultTypes()) && !isa<attn::MatrixOpInterface>(op))
    return emitUnsupported(op) << "a matrix as result of `" << op->getName()
                               << "` is not supported, only the ops of the algebra make matrices";
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (hasMatrix(block.getArgumentTypes()))
        return emitUnsupported(op) << "a matrix as argument of a block is not supported";
  return success();
}

/// A dimension that is read by a constant number lies inside of the rank: nobody gives it a meaning
/// elsewhere.
static LogicalResult checkDimension(Operation *op) {
  auto dim = dyn_cast<ShapedDimOpInterface>(op);
  if (!dim)
    return success();
  auto type = dyn_cast<RankedTensorType>(dim.getShapedValue().getType());
  std::optional<int64_t> number = getConstantIntValue(dim.getDimension());
  if (!type || !number || (*number >= 0 && *number < type.getRank()))
    return success();
  return op->emitError() << "`" << op->getName() << "` reads dimension " << *number << " of "
                         << type << ", expected one from 0 to below its rank " << type.getRank();
}

namespace {
struct EntryPass : attune::impl::EntryPassBase<EntryPass> {
  void runOnOperation() override {
    WalkResult matrices = getOperation().walk<WalkOrder::PreOrder>([](Operation *op) {
      return failed(checkMatrices(op)) || failed(checkDimension(op)) ? WalkResult::interrupt()
                                                                     : WalkResult::advance();
    });
    if (matrices.wasInterrupted())
      return signalPassFailure();
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal() && failed(EntryFunction(function).run()))
        return signalPassFailure();
  }
};
} // namespace
