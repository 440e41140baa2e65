// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream: what a plan makes of a matrix without a linear form.
#include "dialects/Attn/Ops/Detail.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static bool takesValues(SinkKind kind) { return kind == SinkKind::Apply || kind == SinkKind::Softmax; }

unsigned StreamOp::getValueIndex(unsigned i) {
  unsigned index = 0;
  for (unsigned k = 0; k < i; ++k)
    index += takesValues(getSinkKind(k));
  return index;
}

DimSource StreamOp::getDimSource(unsigned result, int64_t dim) { return DimSource::of(getInits()[result], dim); }

void StreamOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand, 0, true, SideEffects::DefaultResource::get());
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand, 0, true, SideEffects::DefaultResource::get());
  }
}

static LogicalResult verifySinks(StreamOp op) {
  size_t outs = op.getInits().size();
  if (op.getSinks().size() != outs || op.getEntries().size() != outs)
    return op.emitOpError("has ") << outs << " outs, " << op.getSinks().size() << " sinks and "
                                  << op.getEntries().size() << " entry numbers, expected equal counts (C3)";
  size_t numValues = 0;
  for (unsigned i = 0; i < outs; ++i) {
    numValues += takesValues(op.getSinkKind(i));
    if (op.getScatter() && op.getSinkKind(i) != SinkKind::Apply && op.getSinkKind(i) != SinkKind::RowSum)
      return op.emitOpError("sink ") << i << " is `" << stringifySinkKind(op.getSinkKind(i))
                                     << "`, expected apply or row_sum with scatter (C7)";
  }
  if (numValues != op.getValues().size())
    return op.emitOpError("has ") << op.getValues().size() << " values, expected " << numValues
                                  << ", one for each apply and softmax sink (C3)";
  return success();
}

static LogicalResult verifyRegion(StreamOp op) {
  size_t pairs = op.getDistance().size();
  size_t expected = 2 + pairs + op.getRows().size() + op.getCols().size() + op.getHeads().size() +
                    op.getScalars().size() + op.getEdges().size();
  Block &block = op.getBody().front();
  if (block.getNumArguments() != expected)
    return op.emitOpError("region has ") << block.getNumArguments() << " arguments, expected " << expected << " (C4)";
  for (BlockArgument arg : block.getArguments()) {
    bool isIndex = arg.getArgNumber() < 2;
    if (isIndex ? !arg.getType().isIndex() : !arg.getType().isF32())
      return op.emitOpError("region argument ") << arg.getArgNumber() << " is " << arg.getType() << ", expected "
                                                << (isIndex ? "index" : "f32") << " (C4)";
  }
  int64_t entries = block.getTerminator()->getNumOperands() - (op.getMasked() ? 1 : 0);
  if (entries < 1)
    return op.emitOpError("region must yield at least one entry (C4)");
  for (int64_t entry : op.getEntries())
    if (entry < 0 || entry >= entries)
      return op.emitOpError("entry number ") << entry << " must be at least 0 and below " << entries << " (C3)";
  for (int64_t i = 0; i < entries; ++i)
    if (!block.getTerminator()->getOperand(i).getType().isF32())
      return op.emitOpError("region must yield f32 entries (C4)");
  if (op.getMasked() && !block.getTerminator()->getOperand(entries).getType().isInteger(1))
    return op.emitOpError("region must yield an i1 last where `masked` (C4)");
  return verifyElementwiseRegion(op, op.getBody(), "C6");
}

LogicalResult StreamOp::verify() {
  bool csr = static_cast<bool>(getCsrOffsets());
  if (csr != static_cast<bool>(getCsrColumns()) || (csr && getSegments()))
    return emitOpError("visits either segments or the edges of one CSR matrix (C1)");
  if (getLhs().size() != getRhs().size() || getLhs().size() != getDistance().size())
    return emitOpError("has ") << getLhs().size() << " lhs, " << getRhs().size() << " rhs and "
                               << getDistance().size() << " distance flags, expected equal counts (C2)";
  if ((!getEdges().empty() || getScatter()) && !csr)
    return emitOpError("`edges` and `scatter` need `csr` (C7)");
  if (failed(verifySinks(*this)) || failed(verifyRegion(*this)))
    return failure();
  for (ValueRange operands : {ValueRange(getLhs()), ValueRange(getRhs()), ValueRange(getValues())})
    for (Value v : operands)
      if (rankOf(v) < 3)
        return emitOpError("operand ") << v.getType() << " has rank " << rankOf(v) << ", expected at least 3 (C5)";
  for (auto [i, init] : llvm::enumerate(getInits())) {
    bool vector = getSinkKind(i) == SinkKind::RowSum || getSinkKind(i) == SinkKind::RowMax;
    if (rankOf(init) < (vector ? 2 : 3))
      return emitOpError("out ") << i << " has rank " << rankOf(init) << ", expected at least " << (vector ? 2 : 3)
                                 << " (C5)";
  }
  return success();
}
