// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.stream: what a plan makes of a matrix without a linear form.
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

static bool takesValues(SinkKind kind) {
  return kind == SinkKind::Apply || kind == SinkKind::Softmax;
}

unsigned StreamOp::getValueIndex(unsigned i) {
  unsigned index = 0;
  for (unsigned k = 0; k < i; ++k)
    index += takesValues(getSinkKind(k));
  return index;
}

DimSource StreamOp::getDimSource(unsigned result, int64_t dim) {
  return DimSource::of(getInits()[result], dim);
}

void StreamOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand, 0, true,
                         SideEffects::DefaultResource::get());
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand, 0, true,
                           SideEffects::DefaultResource::get());
  }
}

static LogicalResult verifySinks(StreamOp op) {
  size_t outs = op.getInits().size();
  if (outs == 0)
    return op.emitOpError("has no outs, expected at least one (C3)");
  if (op.getSinks().size() != outs || op.getElements().size() != outs)
    return op.emitOpError("has ") << outs << " outs, " << op.getSinks().size() << " sinks and "
                                  << op.getElements().size()
                                  << " entry numbers, expected equal counts (C3)";
  size_t numValues = 0;
  for (unsigned i = 0; i < outs; ++i) {
    numValues += takesValues(op.getSinkKind(i));
    if (op.getScatter() && op.getSinkKind(i) != SinkKind::Apply &&
        op.getSinkKind(i) != SinkKind::RowSum)
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
                    op.getScalars().size() + op.getEdges().size() + (op.getBlockTable() ? 1 : 0) +
                    op.getLookups().size();
  Block &block = op.getBody().front();
  if (block.getNumArguments() != expected)
    return op.emitOpError("region has ")
           << block.getNumArguments() << " arguments, expected " << expected << " (C4)";
  for (BlockArgument arg : block.getArguments()) {
    bool isIndex = arg.getArgNumber() < 2;
    if (isIndex ? !arg.getType().isIndex() : !arg.getType().isF32())
      return op.emitOpError("region argument ")
             << arg.getArgNumber() << " is " << arg.getType() << ", expected "
             << (isIndex ? "index" : "f32") << " (C4)";
  }
  Operation &last = block.back();
  if (!isa<YieldOp>(last)) {
    InFlightDiagnostic diag = op.emitOpError("region must end in `attn.yield` (C4)");
    diag.attachNote(last.getLoc()) << "it ends here";
    return diag;
  }
  int64_t entries = static_cast<int64_t>(last.getNumOperands()) - (op.getMasked() ? 1 : 0);
  if (entries < 1)
    return op.emitOpError("region must yield at least one entry (C4)");
  for (int64_t entry : op.getElements())
    if (entry < 0 || entry >= entries)
      return op.emitOpError("entry number ")
             << entry << " must be at least 0 and below " << entries << " (C3)";
  for (int64_t i = 0; i < entries; ++i)
    if (!last.getOperand(i).getType().isF32())
      return op.emitOpError("region must yield f32 entries (C4)");
  if (op.getMasked() && !last.getOperand(entries).getType().isInteger(1))
    return op.emitOpError("region must yield an i1 last where `masked` (C4)");
  return verifyElementwiseRegion(op, op.getBody(), "C6");
}

/// Checks that `v` is a tensor or memref of this rank and element type.
static LogicalResult verifyOperand(StreamOp op, Value v, StringRef name, int64_t rank,
                                   Type element) {
  auto type = cast<ShapedType>(v.getType());
  if (!isa<RankedTensorType, MemRefType>(type) || type.getRank() != rank)
    return op.emitOpError("`") << name << "` is " << type
                               << ", expected a tensor or memref of rank " << rank << " (C5)";
  if (type.getElementType() != element)
    return op.emitOpError("`") << name << "` is " << type << ", expected " << element
                               << " elements (C8)";
  return success();
}

static LogicalResult verifyOperands(StreamOp op) {
  Type f32 = Float32Type::get(op.getContext());
  auto integer = [&](unsigned width) -> Type { return IntegerType::get(op.getContext(), width); };
  // The first sink tells the rank; a stream without heads has a static 1 there.
  auto isVector = [&](unsigned i) {
    return op.getSinkKind(i) == SinkKind::RowSum || op.getSinkKind(i) == SinkKind::RowMax;
  };
  auto first = cast<ShapedType>(op.getInits().front().getType());
  int64_t rank = std::max<int64_t>(first.hasRank() ? first.getRank() + isVector(0) : 0, 3);
  auto all = [&](ValueRange operands, StringRef name, int64_t rank) {
    return success(llvm::all_of(
        operands, [&](Value v) { return succeeded(verifyOperand(op, v, name, rank, f32)); }));
  };
  for (auto [i, init] : llvm::enumerate(op.getInits()))
    if (failed(verifyOperand(op, init, "outs", rank - isVector(i), f32)))
      return failure();
  if (failed(all(op.getLhs(), "lhs", rank)) || failed(all(op.getRhs(), "rhs", rank)) ||
      failed(all(op.getValues(), "values", rank)) || failed(all(op.getRows(), "rows", rank - 1)) ||
      failed(all(op.getCols(), "cols", rank - 1)) || failed(all(op.getHeads(), "heads", 1)) ||
      failed(all(op.getEdges(), "edges", 2)))
    return failure();
  if (op.getSegments() && failed(verifyOperand(op, op.getSegments(), "segments", 1, integer(64))))
    return failure();
  if (op.getCsrOffsets() && (failed(verifyOperand(op, op.getCsrOffsets(), "csr", 1, integer(64))) ||
                             failed(verifyOperand(op, op.getCsrColumns(), "csr", 1, integer(32)))))
    return failure();
  auto width = [](Value v) { return cast<ShapedType>(v.getType()).getShape().back(); };
  for (auto [lhs, rhs] : llvm::zip(op.getLhs(), op.getRhs()))
    if (failed(mergeSizes(width(lhs), width(rhs), false)))
      return op.emitOpError("`rhs` has width ")
             << width(rhs) << ", expected " << width(lhs) << ", that of its `lhs` (C9)";
  for (auto [i, init] : llvm::enumerate(op.getInits())) {
    if (!takesValues(op.getSinkKind(i)))
      continue;
    Value v = op.getValues()[op.getValueIndex(i)];
    if (failed(mergeSizes(width(v), width(init), false)))
      return op.emitOpError("out ") << i << " has width " << width(init) << ", expected "
                                    << width(v) << ", that of its `values` (C9)";
  }
  return success();
}

/// The batch and heads of a stream's operand: the last of `sizes` is the number of heads.
static SmallVector<int64_t> outerSizes(Value v, bool hasWidth, bool isMatrix = false) {
  ArrayRef<int64_t> shape = cast<ShapedType>(v.getType()).getShape();
  SmallVector<int64_t> sizes(shape.drop_back(isMatrix ? 2 : hasWidth ? 1 : 0));
  if (!isMatrix)
    sizes.erase(sizes.end() - 2); // the rows
  return sizes;
}

/// (C12) A stream runs over the batch and heads of its widest operand. An out that is narrower
/// would gather the entries of all of them.
static LogicalResult verifyOuterSizes(StreamOp op) {
  struct Operand {
    Value value;
    std::string name;
    SmallVector<int64_t> sizes;
  };
  SmallVector<Operand> operands;
  auto add = [&](ValueRange values, StringRef name, bool hasWidth) {
    for (Value v : values)
      operands.push_back({v, name.str(), outerSizes(v, hasWidth)});
  };
  add(op.getLhs(), "lhs", true);
  add(op.getRhs(), "rhs", true);
  add(op.getValues(), "values", true);
  add(op.getRows(), "rows", false);
  add(op.getCols(), "cols", false);
  // These have heads alone.
  auto addHeads = [&](ValueRange values, StringRef name, unsigned dim) {
    for (Value v : values)
      operands.push_back({v, name.str(), {cast<ShapedType>(v.getType()).getDimSize(dim)}});
  };
  addHeads(op.getHeads(), "heads", 0);
  addHeads(op.getEdges(), "edges", 1);
  addHeads(op.getLookups(), "lookups", 0);
  for (auto [i, init] : llvm::enumerate(op.getInits())) {
    SinkKind kind = op.getSinkKind(i);
    SmallVector<int64_t> out = outerSizes(init, takesValues(kind), kind == SinkKind::Materialize);
    for (const Operand &operand : operands) {
      for (size_t back = 1; back <= operand.sizes.size(); ++back) {
        int64_t has = out[out.size() - back], size = operand.sizes[operand.sizes.size() - back];
        bool fits = size == 1 || size == has || ShapedType::isDynamic(has) ||
                    (ShapedType::isDynamic(size) && has != 1);
        if (fits)
          continue;
        auto text = [](int64_t n) {
          return ShapedType::isDynamic(n) ? std::string("?") : std::to_string(n);
        };
        return op.emitOpError("out ")
               << i << " has " << (back == 1 ? "heads " : "batch ") << text(has) << ", expected "
               << text(size) << ", that of its `" << operand.name << "` (C12)";
      }
    }
  }
  return success();
}

static LogicalResult verifyBlocks(StreamOp op) {
  Value table = op.getBlockTable();
  if (static_cast<bool>(table) != static_cast<bool>(op.getBlockStarts()) ||
      (table && !op.getSegments()))
    return op.emitOpError("`blocks` takes a table and its starts, and needs `segments` (C10)");
  if (!table) {
    if (!op.getLookups().empty())
      return op.emitOpError("`lookups` need `blocks` (C10)");
    return success();
  }
  Type element = getElementTypeOrSelf(table.getType());
  bool isInteger = element.isSignlessInteger(8) || element.isSignlessInteger(32) ||
                   element.isSignlessInteger(64);
  if (!isInteger && !element.isF32())
    return op.emitOpError("`blocks` has ")
           << element << " elements, expected i8, i32, i64 or f32 (C10)";
  if (!isInteger && !op.getLookups().empty())
    return op.emitOpError("`lookups` need a table of integers (C10)");
  if (failed(verifyOperand(op, table, "blocks", 1, element)) ||
      failed(verifyOperand(op, op.getBlockStarts(), "blocks", 1,
                           IntegerType::get(op.getContext(), 64))))
    return failure();
  return success(llvm::all_of(op.getLookups(), [&](Value v) {
    return succeeded(verifyOperand(op, v, "lookups", 2, Float32Type::get(op.getContext())));
  }));
}

LogicalResult StreamOp::verify() {
  bool csr = static_cast<bool>(getCsrOffsets());
  if (csr != static_cast<bool>(getCsrColumns()) || (csr && getSegments()))
    return emitOpError("visits either segments or the edges of one CSR matrix (C1)");
  if (getLhs().size() != getRhs().size() || getLhs().size() != getDistance().size())
    return emitOpError("has ") << getLhs().size() << " lhs, " << getRhs().size() << " rhs and "
                               << getDistance().size()
                               << " distance flags, expected equal counts (C2)";
  if ((!getEdges().empty() || getScatter()) && !csr)
    return emitOpError("`edges` and `scatter` need `csr` (C7)");
  if (getBand() &&
      (csr || getBand()->size() != 2 || llvm::any_of(*getBand(), [](int64_t v) { return v < -1; })))
    return emitOpError("`band` is [")
           << getBandAttr().asArrayRef()
           << "], expected two numbers of at least -1, and no `csr` (C11)";
  if (failed(verifySinks(*this)) || failed(verifyRegion(*this)) || failed(verifyOperands(*this)) ||
      failed(verifyBlocks(*this)))
    return failure();
  return verifyOuterSizes(*this);
}

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Stream.cpp.inc"
