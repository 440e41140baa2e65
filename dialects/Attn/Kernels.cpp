// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One record for each kernel function. What a kernel means to the rewrites follows from its code: a
// polynomial of an inner product has a linear form, everything else is streamed.
#include "attune/Dialect/Attn/Kernels.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/SmallVectorExtras.h"

using namespace mlir;

namespace attune::attn {

static Value buildLinear(OpBuilder &b, Location loc, Value s) {
  return arith::AddFOp::create(b, loc, f32Constant(b, loc, 1), s);
}

/// exp overflows to inf for large -s, where the quotient is 0 as it should be.
static Value buildSigmoid(OpBuilder &b, Location loc, Value s) {
  Value one = f32Constant(b, loc, 1);
  Value decay = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, s));
  return arith::DivFOp::create(b, loc, one, arith::AddFOp::create(b, loc, one, decay));
}

static Value buildExp(OpBuilder &b, Location loc, Value s) {
  return math::ExpOp::create(b, loc, s);
}

static Value buildGaussian(OpBuilder &b, Location loc, Value s) {
  return math::ExpOp::create(b, loc, arith::MulFOp::create(b, loc, s, f32Constant(b, loc, -0.5)));
}

static Value buildRelu(OpBuilder &b, Location loc, Value s) {
  return arith::MaximumFOp::create(b, loc, s, f32Constant(b, loc, 0));
}

llvm::ArrayRef<Kernel> kernels() {
  static constexpr Kernel table[] = {
      {"linear", "1 + s", false, buildLinear},
      {"sigmoid", "1 / (1 + exp(-s))", false, buildSigmoid},
      {"exp", "exp(s)", false, buildExp},
      {"gaussian", "exp(-s / 2)", true, buildGaussian},
      {"relu", "max(s, 0)", false, buildRelu},
  };
  return table;
}

const Kernel *findKernel(StringRef name) {
  for (const Kernel &kernel : kernels())
    if (kernel.name == name)
      return &kernel;
  return nullptr;
}

std::string kernelNames() {
  std::string names;
  for (const Kernel &kernel : kernels()) {
    if (!names.empty())
      names += &kernel == &kernels().back() ? " or " : ", ";
    names += kernel.name;
  }
  return names;
}

llvm::ArrayRef<llvm::StringLiteral> normalizeNames() {
  static constexpr llvm::StringLiteral names[] = {"none", "rows", "softmax"};
  return names;
}

/// A string; where the cursor of a language server stands, it is offered `names` in quotes.
static ParseResult parseName(OpAsmParser &parser, StringAttr &name, ArrayRef<StringRef> names) {
  SmallVector<std::string> quoted;
  for (StringRef one : names)
    quoted.push_back("\"" + one.str() + "\"");
  SmallVector<StringRef> offered(quoted.begin(), quoted.end());
  // No keyword has quotes, so that this does nothing but complete.
  StringRef none;
  (void)parser.parseOptionalKeyword(&none, offered);
  return parser.parseAttribute(name, NoneType::get(parser.getContext()));
}

ParseResult parseKernelName(OpAsmParser &parser, StringAttr &name) {
  return parseName(parser, name, llvm::map_to_vector(kernels(), [](const Kernel &kernel) {
                     return StringRef(kernel.name);
                   }));
}

ParseResult parseNormalizeName(OpAsmParser &parser, StringAttr &name) {
  return parseName(parser, name, llvm::to_vector_of<StringRef>(normalizeNames()));
}

void printKernelName(OpAsmPrinter &printer, Operation *, StringAttr name) {
  printer.printAttributeWithoutType(name);
}

void printNormalizeName(OpAsmPrinter &printer, Operation *, StringAttr name) {
  printer.printAttributeWithoutType(name);
}

} // namespace attune::attn
