// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Slot.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attune {

using runtime::SizeSum;

FailureOr<std::vector<SizeSum>> Slot::readShape() {
  auto tensor = cast<RankedTensorType>(type());
  Attribute attribute = get(kDimsAttr);
  auto dims = dyn_cast_if_present<ArrayAttr>(attribute);
  if (attribute && (!dims || !llvm::all_of(dims, llvm::IsaPred<StringAttr>)))
    return error() << "has `attune.dims` = " << attribute << ", expected an array of strings";
  if (dims && static_cast<int64_t>(dims.size()) != tensor.getRank())
    return error() << "has " << dims.size() << " entries in `attune.dims`, expected "
                   << tensor.getRank() << ", one for each dimension";
  std::vector<SizeSum> shape;
  for (int64_t dim = 0; dim < tensor.getRank(); ++dim) {
    StringRef text = dims ? cast<StringAttr>(dims[dim]).getValue() : StringRef();
    if (!tensor.isDynamicDim(dim)) {
      if (!text.empty())
        return error() << "names dimension " << dim << " `" << text << "`, but it is static ("
                       << tensor.getDimSize(dim) << "), expected \"\"";
      shape.push_back(SizeSum::number(tensor.getDimSize(dim)));
      continue;
    }
    runtime::ParsedSize parsed = SizeSum::parse(text);
    if (!parsed.error.empty())
      return error() << "has no valid size for dimension " << dim << ": " << parsed.error;
    if (!parsed.size)
      return error() << "has no name in `attune.dims` for dimension " << dim
                     << ", which is dynamic";
    if (parsed.size->isConstant() && parsed.size->constant < 0)
      return error() << "has no valid size for dimension " << dim << ": `" << text
                     << "` is negative, expected at least 0";
    shape.push_back(*parsed.size);
  }
  return shape;
}

} // namespace attune
