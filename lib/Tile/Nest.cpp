// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// linalg.generic as a loop nest; reductions in parts.
//
// The number of parts follows from the length alone, min(64, ceil(length / 1024)), and the parts
// are combined in order, so that the result does not depend on the number of threads.
#include "Nest.h"

#include "attune/Support/PassAttrs.h"
#include "llvm/ADT/SmallBitVector.h"

#include <limits>

using namespace mlir;

namespace attune::tile {

Values NestOperand::at(Emitter &e, ValueRange ivs) const {
  Values indices;
  for (auto [d, loop] : llvm::enumerate(loops)) {
    Value index = loop < 0 ? e.index(0) : Value(ivs[loop]);
    if (const Window *window = windowAt(d))
      index = e.add(e.mul(index, window->factor), e.mul(ivs[window->loop], window->step));
    indices.push_back(index);
  }
  return indices;
}

Value NestOperand::view(Emitter &e, ValueRange ivs) const {
  if (windows.empty())
    return e.slice(memref, at(e, ivs));
  MemRefType type = cast<MemRefType>(memref.getType());
  // First the dimensions that are fixed go away, then those that are left are walked in steps:
  // upstream cannot lower a view that does both.
  SmallVector<OpFoldResult> offsets, spans, keptSizes, keptSteps;
  SmallVector<int64_t> keptSpans;
  auto one = [&] { return e.b.getIndexAttr(1); };
  auto fold = [&](Value value) {
    std::optional<int64_t> constant = getConstantIntValue(value);
    return constant ? OpFoldResult(e.b.getIndexAttr(*constant)) : OpFoldResult(value);
  };
  for (auto [d, loop] : llvm::enumerate(loops)) {
    const Window *window = windowAt(d);
    Value first = loop < 0 ? e.index(0) : Value(ivs[loop]),
          second = window ? Value(ivs[window->loop]) : Value();
    if (!window ? !first : (!first || !second)) {
      // One loop is left to walk: the other one, if any, says where it begins.
      int64_t size = !window ? type.getDimSize(d) : first ? window->loopSize : window->size;
      Value begin = e.index(0);
      if (window && (first || second))
        begin = first ? e.mul(first, window->factor) : e.mul(second, window->step);
      int64_t step = !window ? 1 : first ? window->step : window->factor;
      bool isDynamic = ShapedType::isDynamic(size);
      int64_t span = isDynamic ? size : std::max<int64_t>((size - 1) * step + 1, 0);
      offsets.push_back(fold(begin));
      spans.push_back(isDynamic ? OpFoldResult(e.dim(memref, d))
                                : OpFoldResult(e.b.getIndexAttr(span)));
      keptSpans.push_back(span);
      keptSizes.push_back(isDynamic ? spans.back() : OpFoldResult(e.b.getIndexAttr(size)));
      keptSteps.push_back(e.b.getIndexAttr(step));
      continue;
    }
    Value index = window ? e.add(e.mul(first, window->factor), e.mul(second, window->step)) : first;
    offsets.push_back(fold(index));
    spans.push_back(one());
  }
  SmallVector<OpFoldResult> ones(type.getRank(), one());
  MemRefType reduced =
      memref::SubViewOp::inferRankReducedResultType(keptSpans, type, offsets, spans, ones);
  Value view = memref::SubViewOp::create(e.b, e.loc, reduced, memref, offsets, spans, ones);
  if (llvm::all_of(keptSteps, [](OpFoldResult step) { return isConstantIntValue(step, 1); }))
    return view;
  SmallVector<OpFoldResult> zeros(keptSteps.size(), e.b.getIndexAttr(0));
  return memref::SubViewOp::create(e.b, e.loc, view, zeros, keptSizes, keptSteps);
}

/// loop * factor of a term of an index; none where it is something else.
static std::optional<std::pair<int64_t, int64_t>> matchTerm(AffineExpr expr) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(dim.getPosition(), 1);
  auto product = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!product || product.getKind() != AffineExprKind::Mul)
    return std::nullopt;
  auto dim = dyn_cast<AffineDimExpr>(product.getLHS());
  auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
  if (!dim || !factor || factor.getValue() < 1)
    return std::nullopt;
  return std::pair<int64_t, int64_t>(dim.getPosition(), factor.getValue());
}

/// The loops of each dimension of an operand; false where an index is neither a loop, nor 0, nor
/// the sum of two loops.
static bool matchAccess(AffineMap map, NestOperand &access) {
  llvm::SmallBitVector seen(map.getNumDims());
  for (auto [d, expr] : llvm::enumerate(map.getResults())) {
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (constant && constant.getValue() == 0) {
      access.loops.push_back(-1);
      continue;
    }
    std::optional<std::pair<int64_t, int64_t>> first = matchTerm(expr), second;
    auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!first && sum && sum.getKind() == AffineExprKind::Add) {
      first = matchTerm(sum.getLHS());
      second = matchTerm(sum.getRHS());
      if (!second)
        return false;
    }
    if (!first || seen.test(first->first) || (second && seen.test(second->first)))
      return false;
    if (!second && first->second != 1)
      return false;
    access.loops.push_back(first->first);
    seen.set(first->first);
    if (second) {
      seen.set(second->first);
      access.windows.push_back(
          {static_cast<int64_t>(d), first->second, second->first, second->second});
    }
  }
  return true;
}

std::optional<Nest> Nest::match(linalg::GenericOp op) {
  Nest nest;
  nest.op = op;
  nest.sizes.assign(op.getNumLoops(), ShapedType::kDynamic);
  for (utils::IteratorType type : op.getIteratorTypesArray())
    nest.isParallel.push_back(type == utils::IteratorType::parallel);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    MemRefType type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type && op.isDpsInput(&operand)) {
      nest.inputs.push_back({operand.get(), {}});
      continue;
    }
    NestOperand access{operand.get(), {}};
    if (!type || !matchAccess(map, access) || (op.isDpsInit(&operand) && !access.windows.empty()))
      return std::nullopt;
    for (auto [d, loop] : llvm::enumerate(access.loops))
      if (loop >= 0 && !access.windowAt(d) && !type.isDynamicDim(d))
        nest.sizes[loop] = type.getDimSize(d);
    (op.isDpsInput(&operand) ? nest.inputs : nest.outputs).push_back(access);
  }
  // Every loop must have an operand to take its size from, and the loops of a window known sizes.
  for (int64_t loop = 0; loop < nest.numLoops(); ++loop)
    if (llvm::none_of(llvm::concat<NestOperand>(nest.inputs, nest.outputs),
                      [&](const NestOperand &access) {
                        return access.uses(loop) && !access.windowAt(access.dimOf(loop));
                      }))
      return std::nullopt;
  for (NestOperand &access : nest.inputs)
    for (Window &window : access.windows) {
      window.size = nest.sizes[access.loops[window.dim]];
      window.loopSize = nest.sizes[window.loop];
      if (ShapedType::isDynamic(window.size) || ShapedType::isDynamic(window.loopSize))
        return std::nullopt;
    }
  return nest;
}

Value Nest::size(Emitter &e, int64_t loop) const {
  if (!isDynamic(loop))
    return e.index(sizes[loop]);
  for (const SmallVector<NestOperand> *group : {&outputs, &inputs})
    for (const NestOperand &access : *group)
      if (access.uses(loop) && !access.windowAt(access.dimOf(loop)))
        return e.dim(access.memref, access.dimOf(loop));
  llvm_unreachable("checked in match");
}

SmallVector<int64_t> Nest::loopsOf(bool parallel) const {
  SmallVector<int64_t> loops;
  for (int64_t loop = 0; loop < numLoops(); ++loop)
    if (isParallel[loop] == parallel)
      loops.push_back(loop);
  return loops;
}

int64_t Nest::product(ArrayRef<int64_t> loops, int64_t unknown) const {
  int64_t result = 1;
  for (int64_t loop : loops)
    result *= isDynamic(loop) ? unknown : sizes[loop];
  return result;
}

int64_t Nest::longReduction() const {
  constexpr int64_t longest = 64 * 1024, farTooMany = int64_t(1) << 30;
  SmallVector<int64_t> reductions = loopsOf(false);
  if (op->hasAttr(kShortAttr) || outputs.size() != 1 ||
      product(loopsOf(true), farTooMany) > longest)
    return -1;
  for (int64_t loop : reductions)
    if (isDynamic(loop))
      return loop;
  for (int64_t loop : reductions)
    if (sizes[loop] >= 4096)
      return loop;
  return -1;
}

Combiner matchCombiner(linalg::GenericOp op) {
  Block &body = op.getRegion().front();
  if (op.getNumDpsInits() != 1)
    return {};
  BlockArgument out = body.getArguments().back();
  Operation *join = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!join || join->getNumOperands() != 2 || !out.hasOneUse() || *out.user_begin() != join)
    return {};
  double infinity = std::numeric_limits<double>::infinity();
  using vector::CombiningKind;
  if (isa<arith::AddFOp, arith::AddIOp>(join))
    return {join, CombiningKind::ADD, 0.0};
  if (isa<arith::MulFOp>(join))
    return {join, CombiningKind::MUL, 1.0};
  if (isa<arith::MaximumFOp>(join))
    return {join, CombiningKind::MAXIMUMF, -infinity};
  if (isa<arith::MinimumFOp>(join))
    return {join, CombiningKind::MINIMUMF, infinity};
  if (isa<arith::MaxNumFOp>(join))
    return {join, CombiningKind::MAXNUMF, -infinity};
  if (isa<arith::MinNumFOp>(join))
    return {join, CombiningKind::MINNUMF, infinity};
  return {};
}

TypedAttr Combiner::neutralAttr() const {
  Type type = op->getResult(0).getType();
  if (isa<FloatType>(type))
    return FloatAttr::get(type, neutral);
  return IntegerAttr::get(type, static_cast<int64_t>(neutral));
}

Value Combiner::join(OpBuilder &b, Location loc, Value lhs, Value rhs) const {
  OperationState state(loc, op->getName(), ValueRange{lhs, rhs}, TypeRange(lhs.getType()));
  state.addAttributes(op->getAttrs());
  return b.create(state)->getResult(0);
}

void emitInParts(Emitter &e, Value out, Value size, Value neutral,
                 function_ref<Value(Value, Value)> combine,
                 function_ref<void(Value, Value, Value)> emitRange) {
  MemRefType type = cast<MemRefType>(out.getType());
  int64_t rank = type.getRank();
  Value parts = e.max(e.min(e.ceilDiv(size, 1024), e.index(64)), e.index(1));
  Value length = e.roundUp(e.ceilDiv(size, parts), 64);
  SmallVector<OpFoldResult> shape{OpFoldResult(parts)};
  for (int64_t d = 0; d < rank; ++d) {
    int64_t lanes = d + 1 == rank && type.getDimSize(d) != 1 ? e.shape.lanes : 1;
    shape.push_back(e.b.getIndexAttr((type.getDimSize(d) + lanes - 1) / lanes * lanes));
  }
  Value partial = e.alloc(shape, type.getElementType());
  e.tasks(parts, /*parallel=*/true, [&](Value part) {
    Values at(rank + 1);
    at[0] = part;
    Value own = e.slice(partial, at);
    e.fill(own, neutral);
    Value begin = e.mul(part, length);
    emitRange(own, begin, e.min(e.add(begin, length), size));
  });
  Values at;
  std::function<void(int64_t)> level = [&](int64_t d) {
    bool vectors = d + 1 == rank && Emitter::hasUnitInnerStride(out);
    if (d == rank) {
      Values sum = e.fold(e.index(0), parts, 1, {e.load(out, at)}, [&](Value part, ValueRange in) {
        Values here{part};
        here.append(at);
        return Values{combine(in[0], e.load(partial, here))};
      });
      return e.store(sum[0], out, at);
    }
    Value extent = e.dim(out, d), whole = vectors ? e.roundDown(extent, e.shape.lanes) : e.index(0);
    if (vectors) {
      e.forEach(e.index(0), whole, e.shape.lanes, [&](Value i) {
        Values place = at, inPart{Value()};
        place.push_back(i);
        inPart.append(place);
        Values sum = e.fold(e.index(0), parts, 1, {e.loadVector(out, place)},
                            [&](Value part, ValueRange in) {
                              Values here = inPart;
                              here[0] = part;
                              return Values{combine(in[0], e.loadVector(partial, here))};
                            });
        e.storeVector(sum[0], out, place);
      });
    }
    e.forEach(whole, extent, 1, [&](Value i) {
      at.push_back(i);
      level(d + 1);
      at.pop_back();
    });
  };
  level(0);
  e.free(partial);
}

} // namespace attune::tile
