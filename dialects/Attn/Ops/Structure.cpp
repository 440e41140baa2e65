// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.restrict and attn.fill: which entries are present. A block diagonal restriction of a matrix
// with a linear form is that form once for each segment, on slices; other masks are visited.
#include "dialects/Attn/Ops/Detail.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// restrict

static LogicalResult verifyMask(RestrictOp op) {
  MatrixType type = op.getResult().getType();
  bool needsMask = op.getKind() == MaskKind::Segments || op.getKind() == MaskKind::KeyMask;
  if (needsMask != static_cast<bool>(op.getMask()))
    return op.emitOpError("`") << stringifyMaskKind(op.getKind()) << "` takes " << (needsMask ? "one" : "no")
                               << " tensor (C1)";
  if (!needsMask)
    return success();
  auto mask = cast<RankedTensorType>(op.getMask().getType());
  if (op.getKind() == MaskKind::Segments) {
    if (mask.getRank() != 1 || !mask.getElementType().isInteger(64))
      return op.emitOpError("segment offsets are ") << mask << ", expected i64 of rank 1 (C1)";
    return success();
  }
  if (!mask.getElementType().isInteger(8) && !mask.getElementType().isInteger(1))
    return op.emitOpError("key mask is ") << mask << ", expected i8 or i1 elements (C1)";
  int64_t expectedRank = std::max<int64_t>(type.getRank() - 2, 1);
  if (mask.getRank() != expectedRank)
    return op.emitOpError("key mask has rank ") << mask.getRank() << ", expected " << expectedRank
                                                << ", the batch dimensions and the columns (C4)";
  if (failed(mergeSizes(mask.getShape().back(), type.getNumColumns(), false)))
    return op.emitOpError("key mask covers ") << mask.getShape().back() << " columns, expected "
                                              << type.getNumColumns() << " (C4)";
  return success();
}

LogicalResult RestrictOp::verify() {
  if (failed(verifyMask(*this)))
    return failure();
  MatrixType type = getResult().getType();
  if (getKind() != MaskKind::KeyMask && failed(mergeSizes(type.getNumRows(), type.getNumColumns(), false)))
    return emitOpError("has ") << type.getNumRows() << " rows and " << type.getNumColumns()
                               << " columns, expected a square matrix (C2)";
  bool isWindow = getKind() == MaskKind::Window;
  if (isWindow != static_cast<bool>(getBounds()))
    return emitOpError("`") << stringifyMaskKind(getKind()) << "` takes " << (isWindow ? "two" : "no")
                            << " bounds (C3)";
  if (isWindow && (getBounds()->size() != 2 || llvm::any_of(*getBounds(), [](int64_t v) { return v < 0; })))
    return emitOpError("window bounds must be two numbers of at least 0 (C3)");
  return success();
}

DimSource RestrictOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

Facts RestrictOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  std::string mask = stringifyMaskKind(getKind()).str();
  if (getKind() == MaskKind::Segments) {
    // The sum of squared lengths has no polynomial in N; it stands as a symbol of its own.
    if (facts.support == Support::Full) {
      facts.support = Support::Segments;
      facts.pairs = Poly::symbol("P");
    } else {
      facts.linear &= facts.support != Support::Sparse;
      facts.rowsNonEmpty = false;
    }
    facts.form = "block(" + facts.form + ")";
    return facts;
  }
  bool causal = getKind() == MaskKind::Causal || getKind() == MaskKind::Window;
  facts.rowsNonEmpty &= causal && facts.support == Support::Full;
  if (facts.support == Support::Full)
    facts.support = Support::Masked;
  if (facts.support != Support::Sparse && facts.support != Support::Diagonal) {
    facts.linear = false;
    facts.reason = mask + "-mask";
  }
  facts.form = mask + "(" + facts.form + ")";
  return facts;
}

/// The linear form of each segment on slices of the operands, into the segment's rows of the result.
static FailureOr<Value> buildPerSegment(RestrictOp op, SinkBuilder &sinks, const SinkRequest &request,
                                        bool isApply) {
  if (op.getKind() != MaskKind::Segments || !analyze(op.getInput()).linear)
    return failure();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(op.getResult()), rows = rowDim(rank);
  Value init = initFor(sinks, op.getResult(), request);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0), one = arith::ConstantIndexOp::create(b, loc, 1);
  Value numOffsets = tensor::DimOp::create(b, loc, op.getMask(), 0);
  Value numSegments = arith::SubIOp::create(b, loc, numOffsets, one);
  auto loop = scf::ForOp::create(b, loc, zero, numSegments, one, ValueRange{init});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  auto offsetAt = [&](Value position) -> Value {
    Value offset = tensor::ExtractOp::create(b, loc, op.getMask(), position);
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), offset);
  };
  Value begin = offsetAt(loop.getInductionVar());
  Value end = offsetAt(arith::AddIOp::create(b, loc, loop.getInductionVar(), one));
  SliceBuilder slices(b, loc, begin, arith::SubIOp::create(b, loc, end, begin));
  FailureOr<Value> slice = slices.slice(op.getInput());
  if (failed(slice))
    return failure();
  SinkRequest inner = request;
  Value carried = loop.getRegionIterArgs().front();
  inner.init = slices.sliceTensor(carried, rows);
  if (isApply)
    inner.v = slices.sliceTensor(request.v, rows);
  FailureOr<Value> result = isApply ? sinks.apply(*slice, inner) : sinks.rowSums(*slice, inner);
  if (failed(result))
    return failure();
  int64_t resultRank = rankOf(carried);
  SmallVector<OpFoldResult> offsets(resultRank, b.getIndexAttr(0)), strides(resultRank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, carried);
  offsets[rows] = slices.offset;
  sizes[rows] = slices.size;
  Value updated = tensor::InsertSliceOp::create(b, loc, *result, carried, offsets, sizes, strides);
  scf::YieldOp::create(b, loc, updated);
  return loop.getResult(0);
}

FailureOr<Value> RestrictOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  return buildPerSegment(*this, sinks, request, true);
}

FailureOr<Value> RestrictOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  return buildPerSegment(*this, sinks, request, false);
}

FailureOr<Entry> RestrictOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Entry> entry = entries.entryOf(getInput());
  if (failed(entry))
    return failure();
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  auto keep = [&](Value condition) {
    entry->present = entry->present ? arith::AndIOp::create(b, loc, entry->present, condition).getResult() : condition;
  };
  switch (getKind()) {
  case MaskKind::Segments:
    if (failed(entries.segments(getMask())))
      return failure();
    break;
  case MaskKind::Causal:
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, entries.columnIndex(), entries.rowIndex()));
    break;
  case MaskKind::Window: {
    auto shifted = [&](int64_t by) -> Value {
      return arith::AddIOp::create(b, loc, entries.columnIndex(), arith::ConstantIndexOp::create(b, loc, by));
    };
    // i - l <= j and j <= i + r, as j + l >= i and j - r <= i.
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, shifted((*getBounds())[0]), entries.rowIndex()));
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, shifted(-(*getBounds())[1]), entries.rowIndex()));
    break;
  }
  case MaskKind::KeyMask: {
    // As f32 row vector, so that streams need one kind of column operand.
    OpBuilder &outer = entries.outer().b;
    auto maskType = cast<RankedTensorType>(getMask().getType());
    int64_t rank = rankOf(getResult());
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(outer, loc, getMask());
    Mapped in{getMask(), llvm::to_vector(llvm::seq<int64_t>(0, maskType.getRank()))}, out{{}, in.loops};
    if (rank > 2) {
      sizes.push_back(outer.getIndexAttr(1));
      out.loops.push_back(HeadLoop);
    }
    if (rank == 3)
      out.loops = {0, HeadLoop};
    out.value = buildEmpty(outer, loc, sizes, outer.getF32Type());
    Value asFloat = buildGeneric(outer, loc, {in}, out, [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
      Value zero = arith::ConstantOp::create(nested, at, nested.getZeroAttr(maskType.getElementType()));
      Value isKept = arith::CmpIOp::create(nested, at, arith::CmpIPredicate::ne, args[0], zero);
      return arith::UIToFPOp::create(nested, at, nested.getF32Type(), isKept);
    });
    Value half = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.5f));
    keep(arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, entries.atColumn(asFloat), half));
    break;
  }
  }
  return entry;
}

FailureOr<Value> RestrictOp::buildSlice(SliceBuilder &slices) {
  if (getKind() == MaskKind::Segments)
    return failure();
  FailureOr<Value> input = slices.slice(getInput());
  if (failed(input))
    return failure();
  Value mask = getMask() ? slices.sliceTensor(getMask(), rankOf(getMask()) - 1) : Value();
  return RestrictOp::create(slices.b, slices.loc, slicedType(getType()), *input, getKindAttr(), mask, getBoundsAttr())
      .getResult();
}

OpFoldResult RestrictOp::fold(FoldAdaptor) {
  // The same mask twice.
  auto inner = getInput().getDefiningOp<RestrictOp>();
  if (inner && inner.getKind() == getKind() && inner.getMask() == getMask() && inner.getBounds() == getBounds())
    return getInput();
  return {};
}

// fill

LogicalResult FillOp::verify() {
  if (!analyze(getInput()).uniqueEntries)
    return emitOpError("fills a CSR matrix that may hold an edge twice, expected `unique` on its attn.adjacency (C1)");
  return success();
}

DimSource FillOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

Facts FillOp::inferFacts(ArrayRef<Facts> operands) {
  Facts facts = operands.front();
  if (facts.support == Support::Full)
    return facts;
  facts.support = Support::Full;
  facts.rowsNonEmpty = true;
  facts.linear = false;
  facts.pairs = facts.rows * facts.columns;
  facts.entryFlop += Poly(1);
  facts.form = "streamed(fill)";
  facts.reason = "filled-support";
  return facts;
}

FailureOr<Entry> FillOp::buildEntry(EntryBuilder &entries) {
  FailureOr<Entry> entry = entries.entryOf(getInput());
  if (failed(entry) || !entry->present)
    return entry;
  Value filled = arith::SelectOp::create(entries.b, entries.loc, entry->present, entry->value,
                                         entries.scalar(getValue()));
  return Entry{filled, {}};
}

FailureOr<Value> FillOp::buildSlice(SliceBuilder &slices) {
  FailureOr<Value> input = slices.slice(getInput());
  if (failed(input))
    return failure();
  return FillOp::create(slices.b, slices.loc, slicedType(getType()), *input, getValue()).getResult();
}

OpFoldResult FillOp::fold(FoldAdaptor) {
  if (analyze(getInput()).support == Support::Full && getInput().getDefiningOp<MatrixOpInterface>())
    return getInput();
  return {};
}
