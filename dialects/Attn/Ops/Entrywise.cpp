// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.map. Its linear form exists where the region is a polynomial of one dot product: constants and
// the first power follow from splat and dot; x^2 of a dot product over D is the sum over a of
// q_ia k_ja dot(q_i, k_j), so D applies of the dot product (lib/Rewrite/Polynomial.cpp).
#include "dialects/Attn/Ops/Detail.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static LogicalResult verifyMapArguments(MapOp op) {
  size_t expected = op.getMatrices().size() + op.getRows().size() + op.getCols().size() +
                    op.getHeads().size() + op.getScalars().size();
  Block &block = op.getBody().front();
  if (block.getNumArguments() != expected)
    return op.emitOpError("region has ") << block.getNumArguments() << " arguments, expected " << expected
                                         << ", one for each operand (C2)";
  for (BlockArgument arg : block.getArguments())
    if (!arg.getType().isF32())
      return op.emitOpError("region argument ") << arg.getArgNumber() << " is " << arg.getType()
                                                << ", expected f32 (C2)";
  return success();
}

LogicalResult MapOp::verify() {
  if (getMatrices().empty())
    return emitOpError("must have at least one matrix operand (C1)");
  if (failed(verifyMapArguments(*this)) || failed(verifyElementwiseRegion(*this, getBody(), "C3")))
    return failure();
  MatrixType type = getResult().getType();
  SmallVector<int64_t> shape(cast<MatrixType>(getMatrices().front().getType()).getShape());
  for (Value matrix : getMatrices()) {
    FailureOr<SmallVector<int64_t>> merged =
        entrywiseShape(getLoc(), MatrixType::get(getContext(), shape, type.getElementType()),
                       cast<MatrixType>(matrix.getType()));
    if (failed(merged))
      return emitOpError("matrix operands must agree (C4)");
    shape = *merged;
    if (!analyze(matrix).uniqueEntries)
      return emitOpError("is a function of a CSR matrix that may hold an edge twice, expected `unique` on its "
                         "attn.adjacency (C5)");
  }
  if (failed(verifyCompatibleShape(shape, type.getShape())))
    return emitOpError("result is ") << type << ", expected the shape of the operands (C4)";
  Operation *terminator = getBody().front().getTerminator();
  if (terminator->getNumOperands() != 1 || !terminator->getOperand(0).getType().isF32())
    return emitOpError("region must yield one f32 (C6)");
  for (Value rows : getRows())
    if (failed(verifyRowVector(*this, rows, type, false, "rows", "C7")))
      return failure();
  for (Value cols : getCols())
    if (failed(verifyRowVector(*this, cols, type, true, "cols", "C7")))
      return failure();
  for (Value heads : getHeads())
    if (failed(verifyHeadVector(*this, heads, type, "C7")))
      return failure();
  return success();
}

DimSource MapOp::getDimSource(unsigned, int64_t dim) {
  bool broadcasts = dim < rankOf(getResult()) - 2;
  for (Value matrix : getMatrices()) {
    int64_t size = cast<MatrixType>(matrix.getType()).getDimSize(dim);
    if (!(broadcasts && size == 1))
      return DimSource::of(matrix, dim);
  }
  return DimSource::of(getMatrices().front(), dim);
}

Facts MapOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  facts.entryFlop = Poly(static_cast<int64_t>(std::distance(getBody().front().begin(), getBody().front().end())) - 1);
  for (const Facts &operand : operands) {
    facts.entryFlop += operand.entryFlop;
    facts.rowsNonEmpty &= operand.rowsNonEmpty;
    if (operand.support == Support::Full || facts.support == operand.support)
      continue;
    bool sparser = operand.support == Support::Sparse || facts.support == Support::Full;
    facts.support = sparser ? operand.support : facts.support;
    if (sparser)
      facts.pairs = operand.pairs;
    facts.rowsNonEmpty = false;
  }
  // Its support is that of a CSR or diagonal matrix: only those pairs are visited anyway.
  facts.linear = facts.support == Support::Sparse;
  facts.applyFixed = facts.pairs * facts.entryFlop;
  facts.applyPerColumn = Poly(2) * facts.pairs;
  std::string name = getKernel() ? getKernel()->str() : "map";
  facts.form = (facts.linear ? "sparse(" : "streamed(") + name + ")";
  facts.reason = "entrywise-function";
  return facts;
}

FailureOr<Value> MapOp::buildApply(SinkBuilder &, const SinkRequest &) { return failure(); }
FailureOr<Value> MapOp::buildRowSums(SinkBuilder &, const SinkRequest &) { return failure(); }

FailureOr<Entry> MapOp::buildEntry(EntryBuilder &entries) {
  OpBuilder &b = entries.b;
  SmallVector<Value> arguments;
  Value present;
  for (Value matrix : getMatrices()) {
    FailureOr<Entry> entry = entries.entryOf(matrix);
    if (failed(entry))
      return failure();
    arguments.push_back(entry->value);
    if (entry->present)
      present = present ? arith::AndIOp::create(b, entries.loc, present, entry->present).getResult() : entry->present;
  }
  for (Value rows : getRows())
    arguments.push_back(entries.atRow(rows));
  for (Value cols : getCols())
    arguments.push_back(entries.atColumn(cols));
  for (Value heads : getHeads())
    arguments.push_back(entries.atHead(heads));
  for (Value scalar : getScalars())
    arguments.push_back(entries.scalar(scalar));
  return Entry{inlineRegion(b, getBody(), arguments).front(), present};
}

FailureOr<Value> MapOp::buildSlice(SliceBuilder &slices) {
  SmallVector<Value> matrices, rows, cols;
  for (Value matrix : getMatrices()) {
    FailureOr<Value> slice = slices.slice(matrix);
    if (failed(slice))
      return failure();
    matrices.push_back(*slice);
  }
  int64_t rowPosition = rowDim(rankOf(getResult()));
  for (Value v : getRows())
    rows.push_back(slices.sliceTensor(v, rowPosition));
  for (Value v : getCols())
    cols.push_back(slices.sliceTensor(v, rowPosition));
  auto op = MapOp::create(slices.b, slices.loc, slicedType(getType()), matrices, rows, cols, getHeads(),
                          getScalars(), getKernelAttr());
  IRMapping mapping;
  getBody().cloneInto(&op.getBody(), mapping);
  return op.getResult();
}
