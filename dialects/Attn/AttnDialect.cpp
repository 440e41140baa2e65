// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the attn dialect, what TableGen generates for it, and the text form and shape
// rules of !attn.matrix<4x?x?xf32>.
#include "dialects/Attn/Attn.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune::attn;

/// The optional `[3, 0]` of a window.
static ParseResult parseWindowBounds(OpAsmParser &parser, DenseI64ArrayAttr &bounds) {
  SmallVector<int64_t> values;
  if (failed(parser.parseOptionalLSquare()))
    return success();
  auto parseOne = [&] { return parser.parseInteger(values.emplace_back()); };
  if (parser.parseCommaSeparatedList(parseOne) || parser.parseRSquare())
    return failure();
  bounds = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

static void printWindowBounds(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr bounds) {
  if (bounds)
    printer << " [" << bounds.asArrayRef() << "]";
}

#include "dialects/Attn/AttnDialect.cpp.inc"
#include "dialects/Attn/AttnEnums.cpp.inc"
#include "dialects/Attn/AttnInterfaces.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Attn/AttnTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Attn/AttnAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Attn/AttnOps.cpp.inc"

void AttnDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Attn/AttnTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Attn/AttnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Attn/AttnOps.cpp.inc"
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
