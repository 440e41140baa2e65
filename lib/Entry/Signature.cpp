// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entry functions to signatures. Each dimension is static, or a sum of named sizes in attune.dims
// ("N", "G+1"); sizes are numbered in the order in which the arguments use them. The arguments'
// shapes must give each size, for nothing else gives it a value when the program is called.

#include "attune/Entry/Signature.h"

#include "CNames.h"
#include "Slot.h"
#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attune {

std::optional<runtime::DType> dtypeOf(Type type) {
  using runtime::DType;
  if (type.isF32())
    return DType::F32;
  if (type.isF64())
    return DType::F64;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (type.isInteger(64))
    return DType::I64;
  if (type.isInteger(32))
    return DType::I32;
  if (type.isInteger(8))
    return DType::U8;
  if (type.isInteger(1))
    return DType::BOOL;
  return std::nullopt;
}

static FailureOr<runtime::TensorSpec> readValue(Slot slot) {
  RankedTensorType type = dyn_cast<RankedTensorType>(slot.type());
  if (!type)
    return slot.error() << "has type " << slot.type() << ", expected a ranked tensor";
  runtime::TensorSpec value;
  StringAttr name = dyn_cast_if_present<StringAttr>(slot.get(kNameAttr));
  if (!name || name.empty())
    return slot.error() << "has no " << kNameAttr;
  value.name = name.str();
  std::optional<runtime::DType> dtype = dtypeOf(type.getElementType());
  if (!dtype)
    return asUnsupported(slot.error())
           << "has element type " << type.getElementType()
           << ", which is not supported; expected f32, f64, f16, bf16, i64, i32, i8 "
              "or i1";
  value.dtype = *dtype;
  FailureOr<std::vector<runtime::SizeSum>> shape = slot.readShape();
  if (failed(shape))
    return failure();
  value.shape = std::move(*shape);
  if (StringAttr below = dyn_cast_if_present<StringAttr>(slot.get(kBelowAttr)))
    value.below = below.str();
  if (StringAttr offsets = dyn_cast_if_present<StringAttr>(slot.get(kOffsetsOfAttr)))
    value.offsetsOf = offsets.str();
  if (StringAttr pairs = dyn_cast_if_present<StringAttr>(slot.get(kPairsOfAttr)))
    value.pairsOf = pairs.str();
  return value;
}

/// Numbers the sizes in the order in which the arguments use them, those of one sum by name.
static void collectSizes(runtime::Entry &entry) {
  for (const runtime::TensorSpec &value : entry.args)
    for (const runtime::SizeSum &dim : value.shape)
      for (const std::string &name : dim.names())
        if (entry.sizeIndex(name) < 0)
          entry.sizes.push_back(name);
}

FailureOr<runtime::Entry> signatureOf(func::FuncOp function) {
  runtime::Entry entry;
  entry.name = function.getName().str();
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    FailureOr<runtime::TensorSpec> value = readValue({function, i, false});
    if (failed(value))
      return failure();
    entry.args.push_back(*value);
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    FailureOr<runtime::TensorSpec> value = readValue({function, i, true});
    if (failed(value))
      return failure();
    entry.results.push_back(*value);
  }
  collectSizes(entry);
  runtime::Signature alone;
  alone.entries.push_back(entry);
  if (std::string problem = alone.validate(); !problem.empty())
    return function.emitError() << problem;
  return entry;
}

LogicalResult recordEntries(ModuleOp module) {
  if (module->hasAttr(kEntriesAttr))
    return success();
  runtime::Signature signature;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    FailureOr<runtime::Entry> entry = signatureOf(function);
    if (failed(entry))
      return failure();
    signature.entries.push_back(*entry);
  }
  if (signature.entries.empty())
    return module.emitError("module has no entry, expected a public function with a body");
  if (std::optional<NameClash> clash = findNameClash(signature)) {
    auto find = [&](StringRef name) { return module.lookupSymbol<func::FuncOp>(name); };
    InFlightDiagnostic error = find(clash->second).emitError() << clash->text;
    if (!clash->first.empty())
      error.attachNote(find(clash->first).getLoc()) << "`" << clash->first << "` is here";
    return error;
  }
  module->setAttr(kEntriesAttr, StringAttr::get(module.getContext(), signature.toJson()));
  return success();
}

FailureOr<runtime::Signature> recordedEntries(ModuleOp module) {
  StringAttr text = module->getAttrOfType<StringAttr>(kEntriesAttr);
  if (!text)
    return module.emitError() << "module has no " << kEntriesAttr
                              << "; attune-record-entries sets it before bufferization";
  std::string error;
  std::optional<runtime::Signature> signature = runtime::Signature::fromJson(text.str(), error);
  if (!signature)
    return module.emitError() << kEntriesAttr << ": " << error;
  return *signature;
}

} // namespace attune
