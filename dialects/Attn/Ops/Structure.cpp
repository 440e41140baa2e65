// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attn.restrict and attn.fill: which entries are present. A block diagonal restriction of a matrix
// with a linear form is that form once for each segment, on slices; other masks are visited.
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;
using namespace attune::attn::detail;

// restrict

LogicalResult RestrictOp::verify() {
  if (failed(verifyMask(*this, getType(), getKind(), getMask(), "C1", "C2")))
    return failure();
  bool isWindow = getKind() == MaskKind::Window;
  if (isWindow != static_cast<bool>(getBounds()))
    return emitOpError("`") << stringifyMaskKind(getKind()) << "` takes "
                            << (isWindow ? "two" : "no") << " bounds (C3)";
  if (isWindow &&
      (getBounds()->size() != 2 || llvm::any_of(*getBounds(), [](int64_t v) { return v < 0; })))
    return emitOpError("`bounds` is [")
           << getBoundsAttr().asArrayRef() << "], expected two numbers of at least 0 (C3)";
  return success();
}

DimSource RestrictOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

MatrixFacts RestrictOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  if (getKind() == MaskKind::Segments) {
    if (facts.support == Support::Full)
      facts.support = Support::Segments;
    else
      facts.rowsNonEmpty = false;
    return facts;
  }
  bool causal = getKind() == MaskKind::Causal || getKind() == MaskKind::Window;
  if (getKind() == MaskKind::Causal)
    facts.right = narrower(facts.right, 0);
  if (getKind() == MaskKind::Window) {
    facts.left = narrower(facts.left, (*getBounds())[0]);
    facts.right = narrower(facts.right, (*getBounds())[1]);
  }
  facts.rowsNonEmpty &= causal && facts.support == Support::Full;
  if (facts.support == Support::Full)
    facts.support = Support::Masked;
  return facts;
}

StringRef RestrictOp::getRewrite() { return getKind() == MaskKind::Segments ? "segments" : ""; }

StringRef RestrictOp::getDeclineReason() {
  switch (getKind()) {
  case MaskKind::Segments:
    return "segments-of-no-linear-form";
  case MaskKind::Causal:
    return "causal-mask";
  case MaskKind::Window:
    return "window-mask";
  case MaskKind::KeyMask:
    return "key_mask-mask";
  }
  return "";
}

std::string RestrictOp::describeForm(ArrayRef<std::string> operands) {
  return inWords("block", operands);
}

std::string RestrictOp::describeElement(ArrayRef<std::string> operands) {
  return inWords(getKind() == MaskKind::Segments ? "block" : stringifyMaskKind(getKind()),
                 operands);
}

Value RestrictOp::getSegmentOffsets() {
  return getKind() == MaskKind::Segments ? Value(getMask()) : Value();
}

/// The linear form of each segment on slices of the operands, into the segment's rows of the
/// result.
static FailureOr<Value> buildPerSegment(RestrictOp op, SinkBuilder &sinks,
                                        const SinkRequest &request, bool isApply) {
  if (op.getKind() != MaskKind::Segments)
    return failure();
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(op.getResult()), rows = rowDim(rank);
  Value init = initFor(sinks, op.getResult(), request);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value numOffsets = tensor::DimOp::create(b, loc, op.getMask(), 0);
  Value numSegments = arith::SubIOp::create(b, loc, numOffsets, one);
  auto loop = scf::ForOp::create(b, loc, zero, numSegments, one, ValueRange{init});
  OpBuilder::InsertionGuard guard(b);
  llvm::scope_exit abandon([&] { loop.erase(); });
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
  SmallVector<OpFoldResult> offsets(resultRank, b.getIndexAttr(0)),
      strides(resultRank, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, carried);
  offsets[rows] = slices.offset;
  sizes[rows] = slices.size;
  Value updated = tensor::InsertSliceOp::create(b, loc, *result, carried, offsets, sizes, strides);
  scf::YieldOp::create(b, loc, updated);
  abandon.release();
  return loop.getResult(0);
}

FailureOr<Value> RestrictOp::buildApply(SinkBuilder &sinks, const SinkRequest &request) {
  return buildPerSegment(*this, sinks, request, true);
}

FailureOr<Value> RestrictOp::buildRowSums(SinkBuilder &sinks, const SinkRequest &request) {
  return buildPerSegment(*this, sinks, request, false);
}

/// The number of each row's segment as two row vectors (low 16 bits, the rest), exact as f32: two
/// rows share a segment where both agree.
static SmallVector<Value> segmentNumbers(RestrictOp op, SinkBuilder &sinks) {
  OpBuilder &b = sinks.b;
  Location loc = sinks.loc;
  int64_t rank = rankOf(op.getResult()), rows = rowDim(rank);
  SmallVector<OpFoldResult> sizes(rank - 1, b.getIndexAttr(1));
  sizes[rows] = mixedSizes(b, loc, op.getResult())[rank - 2];
  Value empty = buildFilled(b, loc, sizes);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1);
  Value radix = arith::ConstantIndexOp::create(b, loc, 1 << 16);
  Value numSegments =
      arith::SubIOp::create(b, loc, tensor::DimOp::create(b, loc, op.getMask(), 0), one);
  auto loop = scf::ForOp::create(b, loc, zero, numSegments, one, ValueRange{empty, empty});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value segment = loop.getInductionVar();
  auto offsetAt = [&](Value position) -> Value {
    return arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                      tensor::ExtractOp::create(b, loc, op.getMask(), position));
  };
  Value begin = offsetAt(segment), end = offsetAt(arith::AddIOp::create(b, loc, segment, one));
  SmallVector<OpFoldResult> offsets(rank - 1, b.getIndexAttr(0)),
      strides(rank - 1, b.getIndexAttr(1));
  offsets[rows] = begin;
  sizes[rows] = arith::SubIOp::create(b, loc, end, begin).getResult();
  SmallVector<Value> parts{arith::RemUIOp::create(b, loc, segment, radix),
                           arith::DivUIOp::create(b, loc, segment, radix)};
  SmallVector<Value> results;
  for (auto [part, carried] : llvm::zip(parts, loop.getRegionIterArgs())) {
    Value slice = tensor::ExtractSliceOp::create(b, loc, carried, offsets, sizes, strides);
    Value filled = linalg::FillOp::create(b, loc, indexToF32(b, loc, part), slice).getResult(0);
    results.push_back(
        tensor::InsertSliceOp::create(b, loc, filled, carried, offsets, sizes, strides));
  }
  scf::YieldOp::create(b, loc, results);
  return llvm::to_vector<2>(ValueRange(loop.getResults()));
}

FailureOr<MatrixElement> RestrictOp::buildElement(ElementBuilder &entries) {
  FailureOr<MatrixElement> entry = entries.elementOf(getInput());
  if (failed(entry))
    return failure();
  OpBuilder &b = entries.b;
  Location loc = entries.loc;
  auto keep = [&](Value condition) {
    entry->present = entry->present
                         ? arith::AndIOp::create(b, loc, entry->present, condition).getResult()
                         : condition;
  };
  switch (getKind()) {
  case MaskKind::Segments:
    if (failed(entries.segments(getMask())))
      for (Value number : segmentNumbers(*this, entries.outer()))
        keep(arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, entries.atRow(number),
                                   entries.atColumn(number)));
    break;
  case MaskKind::Causal:
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, entries.columnIndex(),
                               entries.rowIndex()));
    break;
  case MaskKind::Window: {
    auto shifted = [&](int64_t by) -> Value {
      return arith::AddIOp::create(b, loc, entries.columnIndex(),
                                   arith::ConstantIndexOp::create(b, loc, by));
    };
    // i - l <= j and j <= i + r, as j + l >= i and j - r <= i. No matrix is wider than 2^62, and
    // with bounds up to there the sums do not overflow.
    int64_t left = std::min((*getBounds())[0], int64_t(1) << 62),
            right = std::min((*getBounds())[1], int64_t(1) << 62);
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, shifted(left),
                               entries.rowIndex()));
    keep(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, shifted(-right),
                               entries.rowIndex()));
    break;
  }
  case MaskKind::KeyMask: {
    // As f32 row vector, so that streams need one kind of column operand.
    OpBuilder &outer = entries.outer().b;
    auto maskType = cast<RankedTensorType>(getMask().getType());
    int64_t rank = rankOf(getResult());
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(outer, loc, getMask());
    LoopOperand in{getMask(), llvm::to_vector(llvm::seq<int64_t>(0, maskType.getRank()))},
        out{{}, in.loops};
    if (rank > 2) {
      sizes.push_back(outer.getIndexAttr(1));
      out.loops.push_back(HeadLoop);
    }
    if (rank == 3)
      out.loops = {0, HeadLoop};
    out.value = buildEmpty(outer, loc, sizes, outer.getF32Type());
    Value asFloat = buildGeneric(
        outer, loc, {in}, out, [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
          Value zero =
              arith::ConstantOp::create(nested, at, nested.getZeroAttr(maskType.getElementType()));
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
  return RestrictOp::create(slices.b, slices.loc, slicedType(getType()), *input, getKindAttr(),
                            mask, getBoundsAttr())
      .getResult();
}

OpFoldResult RestrictOp::fold(FoldAdaptor) {
  // The same mask twice.
  auto inner = getInput().getDefiningOp<RestrictOp>();
  if (inner && inner.getKind() == getKind() && inner.getMask() == getMask() &&
      inner.getBounds() == getBounds())
    return getInput();
  return {};
}

// fill

LogicalResult FillOp::verify() {
  if (mayRepeatEdges(getInput()))
    return emitOpError("fills a CSR matrix that may hold an edge twice, expected `unique` on its "
                       "attn.adjacency (C1)");
  return success();
}

DimSource FillOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInput(), dim); }

MatrixFacts FillOp::inferFacts(ArrayRef<MatrixFacts> operands) {
  MatrixFacts facts = operands.front();
  if (facts.support == Support::Full && facts.complete)
    return facts;
  facts.support = Support::Full;
  facts.left = facts.right = std::nullopt;
  facts.complete = true;
  facts.rowsNonEmpty = true;
  return facts;
}

StringRef FillOp::getDeclineReason() { return "filled-support"; }

FailureOr<MatrixElement> FillOp::buildElement(ElementBuilder &entries) {
  FailureOr<MatrixElement> entry = entries.elementOf(getInput());
  if (failed(entry) || !entry->present)
    return entry;
  Value filled = arith::SelectOp::create(entries.b, entries.loc, entry->present, entry->value,
                                         entries.scalar(getValue()));
  return MatrixElement{filled, {}};
}

FailureOr<Value> FillOp::buildSlice(SliceBuilder &slices) {
  FailureOr<Value> input = slices.slice(getInput());
  if (failed(input))
    return failure();
  return FillOp::create(slices.b, slices.loc, slicedType(getType()), *input, getValue())
      .getResult();
}

OpFoldResult FillOp::fold(FoldAdaptor) {
  MatrixFacts facts = factsOf(getInput());
  if (facts.support == Support::Full && facts.complete &&
      getInput().getDefiningOp<MatrixOpInterface>())
    return getInput();
  return {};
}

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

#define GET_OP_CLASSES
#include "attune/Dialect/Attn/Structure.cpp.inc"
