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
  LogicalResult checkDims(Slot slot);
  LogicalResult assignArgumentDims(Slot slot);
  LogicalResult assignResultDims(Slot slot);
  LogicalResult assignSizes();
  LogicalResult checkIndexData(Slot slot, StringRef attribute);
  LogicalResult checkPairs(Slot slot);

  func::FuncOp function;
  Builder b;
  SmallVector<Slot> arguments, results;
  /// Symbols that some argument's dimension uses, in order of appearance.
  SmallVector<std::string> symbols;
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

/// One string for each dimension, a size where it is dynamic, "" where it is static.
LogicalResult EntryFunction::checkDims(Slot slot) {
  auto type = cast<RankedTensorType>(slot.type());
  auto dims = dyn_cast<ArrayAttr>(slot.get(kDimsAttr));
  if (!dims || !llvm::all_of(dims, llvm::IsaPred<StringAttr>))
    return slot.error() << "has `attune.dims` = " << slot.get(kDimsAttr)
                        << ", expected an array of strings";
  if (static_cast<int64_t>(dims.size()) != type.getRank())
    return slot.error() << "has " << dims.size() << " entries in `attune.dims`, expected "
                        << type.getRank() << ", one for each dimension";
  for (auto [dim, name] : llvm::enumerate(dims.getAsValueRange<StringAttr>())) {
    if (!type.isDynamicDim(dim)) {
      if (!name.empty())
        return slot.error() << "names dimension " << dim << " `" << name << "`, but it is static ("
                            << type.getDimSize(dim) << "), expected \"\"";
      continue;
    }
    if (name.empty())
      return slot.error() << "has no name in `attune.dims` for dimension " << dim
                          << ", which is dynamic";
    std::optional<SizePoly> size = parseDimName(name);
    if (!size || size->getConstant())
      return slot.error() << "has `" << name << "` in `attune.dims` for dimension " << dim
                          << ", expected a name, or a name and a number as in \"G+1\"";
  }
  return success();
}

LogicalResult EntryFunction::assignArgumentDims(Slot slot) {
  auto type = cast<RankedTensorType>(slot.type());
  if (!slot.get(kDimsAttr) && !type.hasStaticShape()) {
    SmallVector<std::string> names;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      names.push_back(type.isDynamicDim(dim)
                          ? "d" + std::to_string(slot.index) + "_" + std::to_string(dim)
                          : "");
    SmallVector<StringRef> refs(names.begin(), names.end());
    slot.set(kDimsAttr, b.getStrArrayAttr(refs));
  }
  if (!slot.get(kDimsAttr))
    return success();
  if (failed(checkDims(slot)))
    return failure();
  for (StringRef name : cast<ArrayAttr>(slot.get(kDimsAttr)).getAsValueRange<StringAttr>())
    if (!name.empty()) {
      std::string symbol = name.take_until([](char c) { return c == '+'; }).trim().str();
      if (!llvm::is_contained(symbols, symbol))
        symbols.push_back(symbol);
    }
  return success();
}

/// The text of `attune.dims` for a size: "N" or "N+1"; none for other polynomials.
static std::optional<std::string> dimText(const SizePoly &size) {
  SizePoly rest = size;
  rest.terms.erase(SizePoly::Monomial());
  std::optional<std::string> symbol = rest.getSymbol();
  if (!symbol || *symbol == "?")
    return std::nullopt;
  auto constant = size.terms.find(SizePoly::Monomial());
  if (constant == size.terms.end())
    return symbol;
  if (constant->second < 0)
    return std::nullopt;
  return *symbol + "+" + std::to_string(constant->second);
}

/// Callers allocate results by `attune.dims`, so a wrong name would be a write out of bounds.
LogicalResult EntryFunction::assignResultDims(Slot slot) {
  auto type = cast<RankedTensorType>(slot.type());
  if (slot.get(kDimsAttr) && failed(checkDims(slot)))
    return failure();
  if (type.hasStaticShape())
    return success();
  Value returned = function.getBody().back().getTerminator()->getOperand(slot.index);
  auto noteReturned = [&](InFlightDiagnostic error) {
    error.attachNote(returned.getLoc()) << "this is what is returned";
    return error;
  };
  auto given = cast_if_present<ArrayAttr>(slot.get(kDimsAttr));
  SmallVector<std::string> names(type.getRank());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    SizePoly size = sizeOf(returned, dim);
    std::optional<std::string> text = dimText(size);
    if (!text)
      return noteReturned(asUnsupported(slot.error())
                          << "has the size `" << size.str() << "` in dimension " << dim
                          << ", which is not supported, expected a named size of an argument");
    names[dim] = *text;
    if (!given)
      continue;
    StringRef name = cast<StringAttr>(given[dim]).getValue();
    if (!(*parseDimName(name) == size))
      return noteReturned(slot.error() << "names dimension " << dim << " `" << name
                                       << "`, but its size is `" << *text << "`");
  }
  SmallVector<StringRef> refs(names.begin(), names.end());
  if (!given)
    slot.set(kDimsAttr, b.getStrArrayAttr(refs));
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
