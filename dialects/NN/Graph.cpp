// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules and shapes of the layers over batches of graphs. Rules are numbered as in Graph.td; what
// the ops do stands in lib/Tile, where loops over data are made.
#include "attune/Dialect/NN/Graph.h"
#include "Rules.h"
#include "attune/Sizes/DimSource.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/Errors.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::nn;
using namespace attune::nn::detail;

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

static int64_t lengthOf(Value vector) { return cast<ShapedType>(vector.getType()).getDimSize(0); }

/// A vector of i64 or, with 32 bits, i32.
static LogicalResult verifyIndices(Operation *op, Value value, StringRef name, unsigned bits,
                                   StringRef label) {
  return verifyOperand(op, value, name, 1, IntegerType::get(op->getContext(), bits), label);
}

static LogicalResult verifyNotEmpty(Operation *op, Value offsets, StringRef name) {
  if (lengthOf(offsets) != 0)
    return success();
  return op->emitOpError() << "`" << name
                           << "` has length 0, expected one more than what it divides (C1)";
}

//===----------------------------------------------------------------------===//
// segment_pool
//===----------------------------------------------------------------------===//

LogicalResult SegmentPoolOp::verify() {
  if (failed(verifyOneKind(*this, "C1")))
    return failure();
  Type f32 = Float32Type::get(getContext());
  if (failed(verifyOperand(*this, getX(), "x", 2, f32, "C1")) ||
      failed(verifyIndices(*this, getOffsets(), "offsets", 64, "C2")))
    return failure();
  int64_t length = lengthOf(getOffsets());
  if (length == 0)
    return emitOpError("`offsets` has length 0, expected G + 1 (C2)");
  if (failed(verifyOperand(*this, getInit(), "outs", 2, f32, "C3")))
    return failure();
  int64_t segments = ShapedType::isDynamic(length) ? length : length - 1;
  int64_t width = cast<ShapedType>(getX().getType()).getDimSize(1);
  ArrayRef<int64_t> init = cast<ShapedType>(getInit().getType()).getShape();
  bool isLong = mayBeEqual(init[0], segments);
  if (isLong && mayBeEqual(init[1], width))
    return success();
  InFlightDiagnostic error = emitOpError();
  error << "`outs` has shape " << show(init) << ", expected " << show({segments, width}) << " (C3)";
  return isLong ? noteOrigin(std::move(error), getX(), "x")
                : noteOrigin(std::move(error), getOffsets(), "offsets");
}

DimSource SegmentPoolOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getInit(), dim);
}

void SegmentPoolOp::getEffects(Effects &effects) { overwritingEffects(*this, effects); }

SegmentPoolOp SegmentPoolOp::createFor(OpBuilder &b, Location loc, PoolKind kind, Value x,
                                       Value offsets) {
  OpFoldResult length = mixedSizes(b, loc, offsets)[0], segments;
  if (std::optional<int64_t> known = getConstantIntValue(length))
    segments = b.getIndexAttr(*known - 1);
  else
    segments = arith::SubIOp::create(b, loc, cast<Value>(length),
                                     arith::ConstantIndexOp::create(b, loc, 1))
                   .getResult();
  Value init = buildEmpty(b, loc, {segments, mixedSizes(b, loc, x)[1]}, b.getF32Type());
  return SegmentPoolOp::create(b, loc, init.getType(), kind, x, offsets, init);
}

//===----------------------------------------------------------------------===//
// hop_layout, hop_table
//===----------------------------------------------------------------------===//

LogicalResult HopLayoutOp::verify() {
  if (failed(verifyOneKind(*this, "C1")))
    return failure();
  if (failed(verifyIndices(*this, getOffsets(), "offsets", 64, "C1")) ||
      failed(verifyIndices(*this, getColumns(), "columns", 32, "C1")) ||
      failed(verifyIndices(*this, getGraphOffsets(), "graph_offsets", 64, "C1")) ||
      failed(verifyIndices(*this, getInit(), "outs", 64, "C1")))
    return failure();
  if (failed(verifyNotEmpty(*this, getOffsets(), "offsets")) ||
      failed(verifyNotEmpty(*this, getGraphOffsets(), "graph_offsets")))
    return failure();
  return verifyVector(*this, getInit(), "outs", lengthOf(getGraphOffsets()),
                      {getGraphOffsets(), "graph_offsets", "that of `graph_offsets`"}, "C2");
}

DimSource HopLayoutOp::getDimSource(unsigned, int64_t dim) {
  return DimSource::of(getGraphOffsets(), dim);
}

void HopLayoutOp::getEffects(Effects &effects) { overwritingEffects(*this, effects); }

LogicalResult HopTableOp::verify() {
  if (failed(verifyOneKind(*this, "C1")))
    return failure();
  if (failed(verifyIndices(*this, getOffsets(), "offsets", 64, "C1")) ||
      failed(verifyIndices(*this, getColumns(), "columns", 32, "C1")) ||
      failed(verifyIndices(*this, getGraphOffsets(), "graph_offsets", 64, "C1")) ||
      failed(verifyIndices(*this, getStarts(), "starts", 64, "C1")) ||
      failed(verifyIndices(*this, getInit(), "outs", 8, "C2")))
    return failure();
  if (failed(verifyNotEmpty(*this, getOffsets(), "offsets")) ||
      failed(verifyNotEmpty(*this, getGraphOffsets(), "graph_offsets")))
    return failure();
  return verifyVector(*this, getStarts(), "starts", lengthOf(getGraphOffsets()),
                      {getGraphOffsets(), "graph_offsets", "that of `graph_offsets`"}, "C3");
}

DimSource HopTableOp::getDimSource(unsigned, int64_t dim) { return DimSource::of(getInit(), dim); }

void HopTableOp::getEffects(Effects &effects) { overwritingEffects(*this, effects); }

//===----------------------------------------------------------------------===//
// csr
//===----------------------------------------------------------------------===//

LogicalResult CsrOp::verify() {
  // (C1)
  ShapedType list = cast<ShapedType>(getEdgeIndex().getType());
  if (!list.getElementType().isSignlessInteger(64))
    return emitOpError() << "`edge_index` has element type " << list.getElementType()
                         << ", expected i64 (C1)";
  if (!list.hasRank() || list.getRank() != 2 || !mayBeEqual(list.getDimSize(0), 2)) {
    std::string seen = list.hasRank() ? "shape " + show(list.getShape()) : "no rank";
    return emitOpError() << "`edge_index` has " << seen << ", expected [2, E] (C1)";
  }
  // (C2)
  struct {
    Value init;
    StringRef name;
    unsigned width;
    int64_t length;
  } rules[] = {{getOffsets(), "offsets", 64, ShapedType::kDynamic},
               {getColumns(), "columns", 32, list.getDimSize(1)},
               {getEdges(), "edges", 32, list.getDimSize(1)}};
  for (const auto &rule : rules) {
    ShapedType type = cast<ShapedType>(rule.init.getType());
    if (!type.getElementType().isSignlessInteger(rule.width))
      return emitOpError() << "`" << rule.name << "` has element type " << type.getElementType()
                           << ", expected i" << rule.width << " (C2)";
    if (!type.hasRank())
      return emitOpError() << "`" << rule.name << "` has no rank, expected rank 1 (C2)";
    if (failed(verifyVector(*this, rule.init, rule.name, rule.length,
                            {getEdgeIndex(), "edge_index", "the number of edges"}, "C2")))
      return failure();
  }
  if (cast<ShapedType>(getOffsets().getType()).getDimSize(0) == 0)
    return emitOpError("`offsets` has length 0, expected N + 1 (C2)");
  return success();
}

DimSource CsrOp::getDimSource(unsigned result, int64_t) {
  return result == 0 ? DimSource::of(getOffsets(), 0) : DimSource::of(getEdgeIndex(), 1);
}

void CsrOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  overwritingEffects(*this, effects);
}

CsrOp CsrOp::createFor(OpBuilder &b, Location loc, Value edgeIndex, Value numRows,
                       bool dropSelfLoops, bool bySource) {
  OpFoldResult numOffsets;
  if (std::optional<int64_t> rows = getConstantIntValue(numRows))
    numOffsets = b.getIndexAttr(*rows + 1);
  else
    numOffsets = arith::AddIOp::create(b, loc, numRows, arith::ConstantIndexOp::create(b, loc, 1))
                     .getResult();
  OpFoldResult numEdges = mixedSizes(b, loc, edgeIndex)[1];
  Value offsets = buildEmpty(b, loc, numOffsets, b.getI64Type());
  Value columns = buildEmpty(b, loc, numEdges, b.getI32Type());
  Value edges = buildEmpty(b, loc, numEdges, b.getI32Type());
  SmallVector<Type> types = {offsets.getType(), columns.getType(), edges.getType()};
  return CsrOp::create(b, loc, types, edgeIndex, offsets, columns, edges, dropSelfLoops, bySource);
}

#define GET_OP_CLASSES
#include "attune/Dialect/NN/Graph.cpp.inc"
