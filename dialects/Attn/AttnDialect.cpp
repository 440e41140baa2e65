// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the attn dialect, what TableGen generates for it, and the text form and shape
// rules of !attn.matrix<4x?x?xf32>.
#include "attune/Dialect/Attn/Attn.h"
#include "attune/Support/BytecodeVersion.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;

#include "attune/Dialect/Attn/AttnDialect.cpp.inc"
#include "attune/Dialect/Attn/AttnEnums.cpp.inc"
#include "attune/Dialect/Attn/AttnInterfaces.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "attune/Dialect/Attn/AttnTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "attune/Dialect/Attn/AttnAttrs.cpp.inc"

void AttnDialect::initialize() {
  addInterfaces<VersionedBytecode>();
  addTypes<
#define GET_TYPEDEF_LIST
#include "attune/Dialect/Attn/AttnTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attune/Dialect/Attn/AttnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "attune/Dialect/Attn/AttnOps.cpp.inc"
      >();
}

Operation *AttnDialect::materializeConstant(OpBuilder &b, Attribute value, Type type,
                                            Location loc) {
  return arith::ConstantOp::materialize(b, value, type, loc);
}

Type MatrixType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  SMLoc start = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape) || parser.parseType(elementType) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(start); }, parser.getContext(), shape,
                    elementType);
}

void MatrixType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  printer << "x" << getElementType() << ">";
}

LogicalResult MatrixType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type elementType) {
  if (shape.size() < 2)
    return emitError() << "matrix type must have at least rows and columns, got rank "
                       << shape.size();
  for (int64_t size : shape)
    if (size < 0 && !ShapedType::isDynamic(size))
      return emitError() << "matrix type has the negative dimension " << size;
  if (!elementType.isF32())
    return emitError() << "matrix element type must be f32, got " << elementType;
  return success();
}
