// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-entry-wrapper: the boundary between C callers and lowered functions. For an entry f(x, e)
// -> y with sizes N, E it makes
//   i32 f(i64 N, i64 E, ptr x, ptr e, ptr y, ptr message, i64 capacity)
// that checks N, E and e, calls attune.f with a descriptor (pointer twice, offset 0, dimensions,
// row-major strides) for each tensor, and returns 0; or 1 after writing a message.

#include "CNames.h"
#include "IndexChecks.h"
#include "attune/Entry/Passes.h"
#include "attune/Entry/Signature.h"
#include "attune/Support/PassAttrs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_ENTRYWRAPPERPASS
#include "attune/Entry/Passes.h.inc"

namespace {

/// Builds the plain C function of one entry.
class WrapperBuilder {
public:
  WrapperBuilder(ModuleOp module, const runtime::Entry &entry, LLVM::LLVMFuncOp body)
      : module(module), entry(entry), body(body), loc(body.getLoc()),
        b(OpBuilder::atBlockEnd(module.getBody())), i32(b.getI32Type()), i64(b.getI64Type()),
        ptr(LLVM::LLVMPointerType::get(b.getContext())) {}

  LogicalResult build();

private:
  Value constant(int64_t value) { return LLVM::ConstantOp::create(b, loc, i64, value); }
  Value compare(LLVM::ICmpPredicate predicate, Value lhs, Value rhs) {
    return LLVM::ICmpOp::create(b, loc, predicate, lhs, rhs);
  }
  Value size(StringRef symbol) {
    return function.getArgument(unsigned(entry.sizeIndex(symbol.str())));
  }
  Value dimension(const runtime::SizeSum &dim);
  Value load(Value pointer, Value position, unsigned bits);
  Value text(StringRef value);

  /// Where `good` does not hold, writes the message and returns 1.
  void require(Value good, const Twine &format, llvm::function_ref<SmallVector<Value>()> arguments);
  void checkSizes();
  void checkDimension(const runtime::TensorSpec &value, const runtime::SizeSum &dim);
  void checkBelow(const runtime::TensorSpec &value, Value pointer);
  void checkOffsets(const runtime::TensorSpec &value, Value pointer);
  void checkPairs(const runtime::TensorSpec &value);
  LogicalResult callBody();
  bool runsOnDevice() { return bool(module.lookupSymbol<LLVM::GlobalOp>(kProgramSymbol)); }
  Value room(Type type, ValueRange values);
  Value callDevice(StringRef name, Type result, ValueRange operands);
  void buildGeneric();

  ModuleOp module;
  const runtime::Entry &entry;
  LLVM::LLVMFuncOp body;
  Location loc;
  OpBuilder b;
  Type i32, i64, ptr;
  LLVM::LLVMFuncOp function;
  Block *current = nullptr;
  unsigned texts = 0;
  /// The sums of sizes in the shapes, by their text.
  llvm::StringMap<Value> dimensions;
};

} // namespace

/// A name inside a printf format.
static std::string formatSafe(StringRef text) {
  std::string safe;
  for (char c : text)
    safe += c == '%' ? "%%" : std::string(1, c);
  return safe;
}

Value WrapperBuilder::dimension(const runtime::SizeSum &dim) {
  if (dim.isConstant())
    return constant(dim.constant);
  if (const std::string *name = dim.singleName())
    return size(*name);
  return dimensions.lookup(dim.text());
}

Value WrapperBuilder::load(Value pointer, Value position, unsigned bits) {
  Type type = b.getIntegerType(bits);
  Value place = LLVM::GEPOp::create(b, loc, ptr, type, pointer, ValueRange{position});
  Value value = LLVM::LoadOp::create(b, loc, type, place);
  return bits == 64 ? value : LLVM::SExtOp::create(b, loc, i64, value);
}

/// The address of a constant string.
Value WrapperBuilder::text(StringRef value) {
  LLVM::GlobalOp global;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    std::string bytes = value.str() + '\0';
    std::string name = ("attune.text." + Twine(texts++) + "." + entry.name).str();
    global = LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size()),
                                    /*isConstant=*/true, LLVM::Linkage::Internal, name,
                                    b.getStringAttr(bytes));
  }
  return LLVM::AddressOfOp::create(b, loc, global);
}

static LLVM::LLVMFuncOp getSnprintf(ModuleOp module, Type i32, Type i64, Type ptr) {
  if (LLVM::LLVMFuncOp function = module.lookupSymbol<LLVM::LLVMFuncOp>("snprintf"))
    return function;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  return LLVM::LLVMFuncOp::create(
      b, module.getLoc(), "snprintf",
      LLVM::LLVMFunctionType::get(i32, {ptr, i64, ptr}, /*isVarArg=*/true));
}

void WrapperBuilder::require(Value good, const Twine &format,
                             llvm::function_ref<SmallVector<Value>()> arguments) {
  Block *fail = b.createBlock(&function.getBody());
  Block *next = b.createBlock(&function.getBody());
  b.setInsertionPointToEnd(current);
  LLVM::CondBrOp::create(b, loc, good, next, fail);

  b.setInsertionPointToEnd(fail);
  // A message buffer that is not there has no bytes; snprintf accepts that.
  unsigned count = function.getNumArguments();
  Value buffer = function.getArgument(count - 2), capacity = function.getArgument(count - 1);
  Value zero = constant(0), null = LLVM::ZeroOp::create(b, loc, ptr);
  Value missing = compare(LLVM::ICmpPredicate::eq, buffer, null);
  capacity = LLVM::SMaxOp::create(b, loc, capacity, zero);
  capacity = LLVM::SelectOp::create(b, loc, missing, zero, capacity);
  SmallVector<Value> operands{buffer, capacity, text(format.str())};
  llvm::append_range(operands, arguments());
  LLVM::CallOp::create(b, loc, getSnprintf(module, i32, i64, ptr), operands);
  Value one = LLVM::ConstantOp::create(b, loc, i32, 1);
  LLVM::ReturnOp::create(b, loc, one);

  current = next;
  b.setInsertionPointToEnd(next);
}

/// Computes a sum of sizes in the order of SizeSum::evaluate, and refuses what that refuses.
void WrapperBuilder::checkDimension(const runtime::TensorSpec &value, const runtime::SizeSum &dim) {
  Value &sum = dimensions[dim.text()];
  if (sum)
    return;
  Type pair = LLVM::LLVMStructType::getLiteral(b.getContext(), {i64, b.getI1Type()});
  Value fits = LLVM::ConstantOp::create(b, loc, b.getI1Type(), 1);
  auto checked = [&](Value result) {
    Value overflows = LLVM::ExtractValueOp::create(b, loc, result, 1);
    Value zero = LLVM::ConstantOp::create(b, loc, b.getI1Type(), 0);
    Value good = compare(LLVM::ICmpPredicate::eq, overflows, zero);
    fits = LLVM::AndOp::create(b, loc, fits, good);
    return LLVM::ExtractValueOp::create(b, loc, result, 0);
  };
  auto add = [&](Value term) {
    sum = sum ? checked(LLVM::SAddWithOverflowOp::create(b, loc, pair, sum, term)) : term;
  };
  bool canBeNegative = dim.constant < 0;
  for (const auto &[name, factor] : dim.factors) {
    canBeNegative |= factor < 0;
    add(factor == 1 ? size(name)
                    : checked(LLVM::SMulWithOverflowOp::create(b, loc, pair, size(name),
                                                               constant(factor))));
  }
  if (dim.constant != 0)
    add(constant(dim.constant));
  std::string what = "`" + formatSafe(value.name) + "` has the dimension " + dim.text();
  require(fits, what + ", which is too large for 64 bits", [] { return SmallVector<Value>(); });
  if (canBeNegative)
    require(compare(LLVM::ICmpPredicate::sge, sum, constant(0)),
            what + " = %lld, expected at least 0", [&] { return SmallVector<Value>{sum}; });
}

void WrapperBuilder::checkSizes() {
  // Rows and edges of index data are numbered with 32 bits inside.
  llvm::StringSet<> numbered;
  auto isNumbered = [](const runtime::TensorSpec &value) {
    return (!value.below.empty() || !value.offsetsOf.empty()) && value.pairsOf.empty();
  };
  for (const runtime::TensorSpec &value : entry.args) {
    numbered.insert(value.below.empty() ? value.offsetsOf : value.below);
    if (isNumbered(value))
      for (const runtime::SizeSum &dim : value.shape)
        numbered.insert_range(dim.names());
  }
  for (const std::string &symbol : entry.sizes) {
    Value value = size(symbol);
    auto seen = [&] { return SmallVector<Value>{value}; };
    require(compare(LLVM::ICmpPredicate::sge, value, constant(0)),
            "size " + formatSafe(symbol) + " is %lld, expected at least 0", seen);
    if (numbered.contains(symbol))
      require(compare(LLVM::ICmpPredicate::slt, value, constant(INT32_MAX)),
              "size " + formatSafe(symbol) + " is %lld, expected below 2147483647", seen);
  }
  for (const std::vector<runtime::TensorSpec> *values : {&entry.args, &entry.results})
    for (const runtime::TensorSpec &value : *values)
      for (const runtime::SizeSum &dim : value.shape)
        if (!dim.isConstant() && !dim.singleName())
          checkDimension(value, dim);
  // One more than a size that is below the limit is in reach too: the offsets of N parts are N + 1.
  for (const runtime::TensorSpec &value : entry.args)
    for (const runtime::SizeSum &dim : value.shape) {
      if (!isNumbered(value) || dim.isConstant() || dim.singleName())
        continue;
      Value extent = dimension(dim);
      require(compare(LLVM::ICmpPredicate::sle, extent, constant(INT32_MAX)),
              "`" + formatSafe(value.name) + "` has the dimension " + dim.text() +
                  " = %lld, expected below 2147483648",
              [&] { return SmallVector<Value>{extent}; });
    }
}

void WrapperBuilder::checkBelow(const runtime::TensorSpec &value, Value pointer) {
  unsigned bits = runtime::dtypeBytes(value.dtype) * 8;
  SmallVector<Value> extents;
  Value count = constant(1);
  for (const runtime::SizeSum &dim : value.shape) {
    extents.push_back(dimension(dim));
    count = LLVM::MulOp::create(b, loc, count, extents.back());
  }
  std::optional<int64_t> number = runtime::parseNumber(value.below);
  Value limit = number ? constant(*number) : size(value.below);
  Value position = LLVM::CallOp::create(b, loc, getIndexCheck(module, IndexCheck::Outside, bits),
                                        ValueRange{pointer, count, limit})
                       .getResult();
  std::string places;
  for (size_t i = 0; i < value.shape.size(); ++i)
    places += i ? ", %lld" : "%lld";
  require(compare(LLVM::ICmpPredicate::slt, position, constant(0)),
          "`" + formatSafe(value.name) + "` holds %lld at [" + places +
              "], expected at least 0 and below " +
              (number ? "" : formatSafe(value.below) + " = ") + "%lld",
          [&] {
            SmallVector<Value> arguments(extents.size() + 2);
            arguments.front() = load(pointer, position, bits);
            arguments.back() = limit;
            Value rest = position;
            for (size_t i = extents.size(); i-- > 0;) {
              arguments[i + 1] = LLVM::URemOp::create(b, loc, rest, extents[i]);
              rest = LLVM::UDivOp::create(b, loc, rest, extents[i]);
            }
            return arguments;
          });
}

void WrapperBuilder::checkOffsets(const runtime::TensorSpec &value, Value pointer) {
  unsigned bits = runtime::dtypeBytes(value.dtype) * 8;
  std::string name = "`" + formatSafe(value.name) + "`";
  std::string end = formatSafe(value.offsetsOf) + " = %lld";
  Value count = dimension(value.shape[0]), limit = size(value.offsetsOf);
  Value zero = constant(0), one = constant(1);
  require(compare(LLVM::ICmpPredicate::sgt, count, zero),
          name + " is empty, expected offsets from 0 to " + end,
          [&] { return SmallVector<Value>{limit}; });
  Value first = load(pointer, zero, bits);
  require(compare(LLVM::ICmpPredicate::eq, first, zero), name + " begins with %lld, expected 0",
          [&] { return SmallVector<Value>{first}; });
  Value position = LLVM::CallOp::create(b, loc, getIndexCheck(module, IndexCheck::Decrease, bits),
                                        ValueRange{pointer, count})
                       .getResult();
  require(compare(LLVM::ICmpPredicate::slt, position, zero),
          name + " holds %lld at [%lld] after %lld, expected non-decreasing offsets", [&] {
            Value before = LLVM::SubOp::create(b, loc, position, one);
            return SmallVector<Value>{load(pointer, position, bits), position,
                                      load(pointer, before, bits)};
          });
  Value last = load(pointer, LLVM::SubOp::create(b, loc, count, one), bits);
  require(compare(LLVM::ICmpPredicate::eq, last, limit), name + " ends with %lld, expected " + end,
          [&] { return SmallVector<Value>{last, limit}; });
}

void WrapperBuilder::checkPairs(const runtime::TensorSpec &value) {
  const runtime::TensorSpec *offsets = entry.findArgument(value.pairsOf);
  Value pointer = function.getArgument(entry.sizes.size() + (offsets - entry.args.data()));
  unsigned bits = runtime::dtypeBytes(offsets->dtype) * 8;
  Value count = dimension(offsets->shape[0]), length = dimension(value.shape[0]);
  Value pairs = LLVM::CallOp::create(b, loc, getIndexCheck(module, IndexCheck::Pairs, bits),
                                     ValueRange{pointer, count})
                    .getResult();
  require(compare(LLVM::ICmpPredicate::eq, length, pairs),
          "`" + formatSafe(value.name) +
              "` has %lld elements, expected %lld, one for each pair inside a segment of `" +
              formatSafe(value.pairsOf) + "`",
          [&] { return SmallVector<Value>{length, pairs}; });
}

/// An array on the stack that holds the values.
Value WrapperBuilder::room(Type type, ValueRange values) {
  Value array =
      LLVM::AllocaOp::create(b, loc, ptr, type, constant(std::max<int64_t>(values.size(), 1)));
  for (auto [i, value] : llvm::enumerate(values))
    LLVM::StoreOp::create(
        b, loc, value,
        LLVM::GEPOp::create(b, loc, ptr, type, array, ArrayRef<LLVM::GEPArg>{int32_t(i)}));
  return array;
}

/// Calls a function of attune/Runtime/Device.h; null where it returns nothing.
Value WrapperBuilder::callDevice(StringRef name, Type result, ValueRange operands) {
  auto callee = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!callee) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    Type type = result ? result : Type(LLVM::LLVMVoidType::get(b.getContext()));
    callee = LLVM::LLVMFuncOp::create(
        b, loc, name, LLVM::LLVMFunctionType::get(type, llvm::to_vector(operands.getTypes())));
  }
  auto call = LLVM::CallOp::create(b, loc, callee, operands);
  return result ? call.getResult() : Value();
}

/// Calls the lowered function with a descriptor for each tensor, results last. On a device the
/// tensors are copied there before and back after, and the status of all that is returned.
LogicalResult WrapperBuilder::callBody() {
  // Pointers, sizes and bytes of all tensors.
  SmallVector<Value> pointers, bytes;
  SmallVector<SmallVector<Value>> shapes;
  unsigned next = entry.sizes.size();
  for (const std::vector<runtime::TensorSpec> *values : {&entry.args, &entry.results})
    for (const runtime::TensorSpec &value : *values) {
      pointers.push_back(function.getArgument(next++));
      Value size = constant(runtime::dtypeBytes(value.dtype));
      shapes.emplace_back();
      for (const runtime::SizeSum &dim : value.shape) {
        shapes.back().push_back(dimension(dim));
        size = LLVM::MulOp::create(b, loc, size, shapes.back().back());
      }
      bytes.push_back(size);
    }
  ArrayRef<Value> host = pointers, hostBytes = bytes;
  size_t args = entry.args.size(), results = entry.results.size();
  SmallVector<Value> inside(pointers);
  if (runsOnDevice()) {
    Value program = LLVM::AddressOfOp::create(b, loc, ptr, kProgramSymbol);
    callDevice("attune_device_begin", {}, program);
    Value blocks = room(ptr, host.take_front(args));
    callDevice("attune_device_copy_in", {},
               {constant(args), room(ptr, host.take_front(args)),
                room(i64, hostBytes.take_front(args)), blocks});
    for (size_t i = 0; i < args; ++i)
      inside[i] = LLVM::LoadOp::create(
          b, loc, ptr,
          LLVM::GEPOp::create(b, loc, ptr, ptr, blocks, ArrayRef<LLVM::GEPArg>{int32_t(i)}));
    for (size_t i = args; i < args + results; ++i)
      inside[i] = callDevice("attune_device_alloc", ptr, bytes[i]);
  }

  SmallVector<Value> operands;
  for (auto [pointer, extents] : llvm::zip(inside, shapes)) {
    operands.append({pointer, pointer, constant(0)});
    SmallVector<Value> strides(extents.size());
    Value stride = constant(1);
    for (size_t i = extents.size(); i-- > 0;) {
      strides[i] = stride;
      stride = LLVM::MulOp::create(b, loc, stride, extents[i]);
    }
    llvm::append_range(operands, extents);
    llvm::append_range(operands, strides);
  }
  LLVM::LLVMFunctionType type = body.getFunctionType();
  if (type.getNumParams() != operands.size() || !isa<LLVM::LLVMVoidType>(type.getReturnType()))
    return body.emitError() << "entry `" << entry.name << "` is lowered to " << type.getNumParams()
                            << " parameters returning " << type.getReturnType() << ", expected "
                            << operands.size() << " returning void";
  LLVM::CallOp::create(b, loc, body, operands);

  Value status = LLVM::ConstantOp::create(b, loc, i32, 0);
  if (runsOnDevice()) {
    ArrayRef<Value> device = inside;
    callDevice("attune_device_copy_out", {},
               {constant(results), room(ptr, device.drop_front(args)),
                room(i64, hostBytes.drop_front(args)), room(ptr, host.drop_front(args))});
    unsigned count = function.getNumArguments();
    status = callDevice("attune_device_end", i32,
                        {function.getArgument(count - 2), function.getArgument(count - 1)});
  }
  LLVM::ReturnOp::create(b, loc, status);
  return success();
}

LogicalResult WrapperBuilder::build() {
  size_t tensors = entry.args.size() + entry.results.size();
  SmallVector<Type> types(entry.sizes.size(), i64);
  types.append(tensors + 1, ptr);
  types.push_back(i64);
  function = LLVM::LLVMFuncOp::create(b, loc, cFunctionName(entry.name),
                                      LLVM::LLVMFunctionType::get(i32, types));
  current = function.addEntryBlock(b);
  b.setInsertionPointToEnd(current);
  checkSizes();
  for (size_t i = 0; i < entry.args.size(); ++i) {
    Value pointer = function.getArgument(entry.sizes.size() + i);
    if (!entry.args[i].offsetsOf.empty())
      checkOffsets(entry.args[i], pointer);
    if (!entry.args[i].below.empty())
      checkBelow(entry.args[i], pointer);
  }
  for (const runtime::TensorSpec &value : entry.args)
    if (!value.pairsOf.empty())
      checkPairs(value);
  if (failed(callBody()))
    return failure();
  buildGeneric();
  return success();
}

/// attune_call_<entry>: unpacks the arrays.
void WrapperBuilder::buildGeneric() {
  b.setInsertionPointToEnd(module.getBody());
  LLVM::LLVMFuncOp generic =
      LLVM::LLVMFuncOp::create(b, loc, genericFunctionName(entry.name),
                               LLVM::LLVMFunctionType::get(i32, {ptr, ptr, ptr, ptr, i64}));
  Block *block = generic.addEntryBlock(b);
  b.setInsertionPointToEnd(block);
  SmallVector<Value> operands;
  auto unpack = [&](unsigned argument, size_t count, Type type) {
    for (size_t i = 0; i < count; ++i) {
      Value place = LLVM::GEPOp::create(b, loc, ptr, type, block->getArgument(argument),
                                        ArrayRef<LLVM::GEPArg>{int32_t(i)});
      operands.push_back(LLVM::LoadOp::create(b, loc, type, place));
    }
  };
  unpack(0, entry.sizes.size(), i64);
  unpack(1, entry.args.size(), ptr);
  unpack(2, entry.results.size(), ptr);
  operands.append({block->getArgument(3), block->getArgument(4)});
  Value status = LLVM::CallOp::create(b, loc, function, operands).getResult();
  LLVM::ReturnOp::create(b, loc, status);
}

namespace {
struct EntryWrapper : impl::EntryWrapperPassBase<EntryWrapper> {
  using EntryWrapperPassBase::EntryWrapperPassBase;

  void runOnOperation() override {
    FailureOr<runtime::Signature> signature = recordedEntries(getOperation());
    if (failed(signature) || failed(wrap(*signature)))
      return signalPassFailure();
    addManifest(*signature);
    getOperation()->removeAttr(kEntriesAttr);
  }

private:
  /// Everything that is defined so far becomes internal, under a name that is nobody else's.
  void hideBodies() {
    llvm::DenseMap<StringAttr, FlatSymbolRefAttr> names;
    for (LLVM::LLVMFuncOp function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      if (function.isExternal())
        continue;
      StringAttr name = StringAttr::get(&getContext(), "attune." + function.getName());
      names[function.getSymNameAttr()] = FlatSymbolRefAttr::get(name);
      function.setSymNameAttr(name);
      function.setLinkage(LLVM::Linkage::Internal);
    }
    // In one walk: one for each function would take time with the square of the model's size.
    AttrTypeReplacer uses;
    uses.addReplacement([&](FlatSymbolRefAttr use) -> std::optional<Attribute> {
      auto found = names.find(use.getAttr());
      return found == names.end() ? Attribute(use) : Attribute(found->second);
    });
    uses.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                      /*replaceTypes=*/false);
  }

  LogicalResult wrap(const runtime::Signature &signature) {
    hideBodies();
    for (const runtime::Entry &entry : signature.entries) {
      LLVM::LLVMFuncOp body = getOperation().lookupSymbol<LLVM::LLVMFuncOp>("attune." + entry.name);
      if (!body)
        return getOperation().emitError()
               << "entry `" << entry.name << "` has no function in the LLVM dialect";
      if (failed(WrapperBuilder(getOperation(), entry, body).build()))
        return failure();
    }
    return success();
  }

  void addManifest(runtime::Signature &signature) {
    signature.target = target;
    signature.cpu = cpu;
    signature.features = features;
    signature.triple = triple;
    OpBuilder b = OpBuilder::atBlockEnd(getOperation().getBody());
    std::string json = signature.toJson() + '\0';
    LLVM::GlobalOp::create(
        b, getOperation().getLoc(), LLVM::LLVMArrayType::get(b.getI8Type(), json.size()),
        /*isConstant=*/true, LLVM::Linkage::External, "attune_manifest", b.getStringAttr(json));
  }
};
} // namespace

} // namespace attune
