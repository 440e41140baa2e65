// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Index arithmetic, vector access, loops and the register tile.
//
// The tile keeps rows * vectors accumulators in registers over the whole loop over k; in each step
// it reads one vector per column block and one scalar per row, so that rows * vectors multiply-adds
// come on rows + vectors loads.
#include "Emitter.h"

#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"

#include <limits>

using namespace mlir;

namespace attune::tile {

Value rootOf(Value memref) { return memref::skipViewLikeOps(cast<MemrefValue>(memref)); }

Value Emitter::index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

static std::optional<int64_t> constantOf(Value value) { return getConstantIntValue(value); }

Value Emitter::add(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return index(*l + *r);
  if (l == 0)
    return rhs;
  return r == 0 ? lhs : arith::AddIOp::create(b, loc, lhs, rhs).getResult();
}

Value Emitter::sub(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return index(*l - *r);
  return r == 0 ? lhs : arith::SubIOp::create(b, loc, lhs, rhs).getResult();
}

Value Emitter::mul(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return index(*l * *r);
  if (l == 1)
    return rhs;
  return r == 1 ? lhs : arith::MulIOp::create(b, loc, lhs, rhs).getResult();
}

Value Emitter::div(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r && *r != 0)
    return index(*l / *r);
  return r == 1 ? lhs : arith::DivUIOp::create(b, loc, lhs, rhs).getResult();
}

Value Emitter::rem(Value lhs, Value rhs) {
  if (constantOf(rhs) == 1)
    return index(0);
  return arith::RemUIOp::create(b, loc, lhs, rhs);
}

Value Emitter::min(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return index(std::min(*l, *r));
  return arith::MinSIOp::create(b, loc, lhs, rhs);
}

Value Emitter::max(Value lhs, Value rhs) {
  std::optional<int64_t> l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return index(std::max(*l, *r));
  return arith::MaxSIOp::create(b, loc, lhs, rhs);
}

Value Emitter::less(Value lhs, Value rhs) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, lhs, rhs);
}

Value Emitter::toIndex(Value value) {
  if (value.getType().isIndex())
    return value;
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
}

Value Emitter::f32(double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(static_cast<float>(value)));
}

Value Emitter::number(double value) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(real, value));
}

Value Emitter::splat(Value value) {
  if (isa<VectorType>(value.getType()))
    return value;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(vectorType(value.getType()), ArrayRef<Attribute>(constant)));
  return vector::BroadcastOp::create(b, loc, vectorType(value.getType()), value);
}

Value Emitter::steps(Value base) {
  Value step = vector::StepOp::create(b, loc, vectorType(b.getIndexType()));
  return arith::AddIOp::create(b, loc, splat(base), step);
}

Value Emitter::firstLanes(Value count) {
  return vector::CreateMaskOp::create(b, loc, vectorType(b.getI1Type()), ValueRange(count));
}

static const arith::FastMathFlags kContract = arith::FastMathFlags::contract;

Value Emitter::fma(Value lhs, Value rhs, Value acc) {
  if (shape.hasFma && isa<VectorType>(acc.getType()))
    return vector::FMAOp::create(b, loc, lhs, rhs, acc);
  Value product = arith::MulFOp::create(b, loc, lhs, rhs, kContract);
  return arith::AddFOp::create(b, loc, product, acc, kContract);
}

Value Emitter::addf(Value lhs, Value rhs) { return arith::AddFOp::create(b, loc, lhs, rhs); }
Value Emitter::subf(Value lhs, Value rhs) { return arith::SubFOp::create(b, loc, lhs, rhs); }
Value Emitter::mulf(Value lhs, Value rhs) { return arith::MulFOp::create(b, loc, lhs, rhs); }
Value Emitter::divf(Value lhs, Value rhs) { return arith::DivFOp::create(b, loc, lhs, rhs); }

Value Emitter::larger(Value lhs, Value rhs) {
  Value greater = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, lhs, rhs);
  return select(greater, lhs, rhs);
}

Value Emitter::select(Value condition, Value whenTrue, Value whenFalse) {
  return arith::SelectOp::create(b, loc, condition, whenTrue, whenFalse);
}

Value Emitter::sumLanes(Value vector) {
  return vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value Emitter::maxLanes(Value vector) {
  for (int64_t distance = shape.lanes / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> partners;
    for (int64_t lane = 0; lane < shape.lanes; ++lane)
      partners.push_back(lane ^ distance);
    vector = larger(vector, vector::ShuffleOp::create(b, loc, vector, vector, partners));
  }
  return vector;
}

Value Emitter::negativeInfinity() { return f32(-std::numeric_limits<double>::infinity()); }

Value Emitter::dim(Value memref, int64_t d) {
  int64_t size = staticDim(memref, d);
  return ShapedType::isDynamic(size) ? memref::DimOp::create(b, loc, memref, d).getResult()
                                     : index(size);
}

Value Emitter::load(Value memref, ValueRange at) {
  return memref::LoadOp::create(b, loc, memref, at);
}

void Emitter::store(Value value, Value memref, ValueRange at) {
  memref::StoreOp::create(b, loc, value, memref, at);
}

Value Emitter::loadVector(Value memref, ValueRange at, Value mask) {
  VectorType type = vectorType(cast<MemRefType>(memref.getType()).getElementType());
  if (!mask)
    return vector::LoadOp::create(b, loc, type, memref, at);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, loc, type, memref, at, mask, zero);
}

void Emitter::storeVector(Value value, Value memref, ValueRange at, Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(b, loc, memref, at, mask, value);
  else
    vector::StoreOp::create(b, loc, value, memref, at);
}

Value Emitter::alloc(ArrayRef<OpFoldResult> sizes, Type element) {
  SmallVector<int64_t> staticSizes;
  SmallVector<Value> dynamicSizes;
  for (OpFoldResult size : sizes) {
    if (std::optional<int64_t> constant = getConstantIntValue(size)) {
      staticSizes.push_back(*constant);
      continue;
    }
    staticSizes.push_back(ShapedType::kDynamic);
    dynamicSizes.push_back(cast<Value>(size));
  }
  MemRefType type = MemRefType::get(staticSizes, element ? element : real);
  return memref::AllocOp::create(b, loc, type, dynamicSizes, b.getI64IntegerAttr(64));
}

void Emitter::free(ValueRange buffers) {
  for (Value buffer : buffers)
    memref::DeallocOp::create(b, loc, buffer);
}

Value Emitter::slice(Value memref, ValueRange at) {
  MemRefType type = cast<MemRefType>(memref.getType());
  // Upstream has no view of what is known to be empty.
  if (llvm::is_contained(type.getShape(), 0)) {
    SmallVector<int64_t> open(type.getShape());
    std::replace(open.begin(), open.end(), int64_t(0), ShapedType::kDynamic);
    type = MemRefType::Builder(type).setShape(open);
    memref = memref::CastOp::create(b, loc, type, memref);
  }
  SmallVector<OpFoldResult> offsets, sizes, strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<int64_t> shapeKept;
  for (auto [d, where] : llvm::enumerate(at)) {
    if (where) {
      std::optional<int64_t> constant = constantOf(where);
      offsets.push_back(constant ? OpFoldResult(b.getIndexAttr(*constant)) : OpFoldResult(where));
      sizes.push_back(b.getIndexAttr(1));
      continue;
    }
    offsets.push_back(b.getIndexAttr(0));
    bool isStatic = !type.isDynamicDim(d);
    sizes.push_back(isStatic ? OpFoldResult(b.getIndexAttr(type.getDimSize(d)))
                             : OpFoldResult(dim(memref, d)));
    shapeKept.push_back(type.getDimSize(d));
  }
  if (static_cast<int64_t>(shapeKept.size()) == type.getRank())
    return memref;
  MemRefType result =
      memref::SubViewOp::inferRankReducedResultType(shapeKept, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, loc, result, memref, offsets, sizes, strides);
}

void Emitter::fill(Value buffer, Value number, Value rows) {
  MemRefType type = cast<MemRefType>(buffer.getType());
  int64_t rank = type.getRank();
  bool vectors = rank > 0 && hasUnitInnerStride(buffer) &&
                 (type.isDynamicDim(rank - 1) || type.getDimSize(rank - 1) % shape.lanes == 0);
  Value vector = vectors ? splat(number) : Value();
  Values at;
  std::function<void(int64_t)> level = [&](int64_t d) {
    if (d == rank)
      return store(number, buffer, at);
    bool last = vectors && d + 1 == rank;
    Value end = d == 0 && rows ? rows : dim(buffer, d);
    forEach(index(0), end, last ? shape.lanes : 1, [&](Value i) {
      at.push_back(i);
      if (last)
        storeVector(vector, buffer, at);
      else
        level(d + 1);
      at.pop_back();
    });
  };
  level(0);
}

bool Emitter::hasUnitStride(Value memref, int64_t d) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(cast<MemRefType>(memref.getType()).getStridesAndOffset(strides, offset)))
    return false;
  return strides[d] == 1;
}

bool Emitter::hasUnitInnerStride(Value memref) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  return rank > 0 && hasUnitStride(memref, rank - 1);
}

void Emitter::forEach(Value from, Value to, Value step, function_ref<void(Value)> body) {
  std::optional<int64_t> lower = constantOf(from), upper = constantOf(to), by = constantOf(step);
  if (lower && upper && *lower >= *upper)
    return;
  if (lower && upper && by && *lower + *by >= *upper)
    return body(from);
  scf::ForOp loop = scf::ForOp::create(b, loc, from, to, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Values Emitter::fold(Value from, Value to, Value step, ValueRange inits,
                     function_ref<Values(Value, ValueRange)> body) {
  if (inits.empty()) {
    forEach(from, to, step, [&](Value i) { body(i, {}); });
    return {};
  }
  scf::ForOp loop = scf::ForOp::create(b, loc, from, to, step, inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Values results = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, results);
  return Values(loop.getResults());
}

Value Emitter::choose(Type type, Value condition, function_ref<Value()> then,
                      function_ref<Value()> otherwise) {
  auto branch = scf::IfOp::create(b, loc, TypeRange{type}, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loc, then());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, otherwise());
  return branch.getResult(0);
}

Value Emitter::segmentOf(Value offsets, Value row) {
  // Every step halves [low, high).
  Value count = sub(dim(offsets, 0), index(1));
  return fold(index(0), index(48), 1, {index(0), count}, [&](Value, ValueRange range) {
    Value middle = div(add(range[0], range[1]), 2);
    Value after = less(row, toIndex(load(offsets, middle)));
    return Values{select(after, range[0], middle), select(after, middle, range[1])};
  })[0];
}

Value Emitter::rowsOfTask(Value rows, int64_t step, Value multiple) {
  Value fewest = max(ceilDiv(rows, kTaskRows), index(1));
  Value blocks = mul(ceilDiv(fewest, multiple), multiple);
  return max(roundUp(ceilDiv(rows, blocks), step), index(kMinTaskRows));
}

void Emitter::tasks(Value count, bool parallel, function_ref<void(Value)> body) {
  if (!parallel || inTask || constantOf(count) == 1)
    return forEach(index(0), count, 1, body);
  scf::ParallelOp loop = scf::ParallelOp::create(b, loc, ValueRange(index(0)), ValueRange(count),
                                                 ValueRange(index(1)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVars()[0]);
}

void Emitter::ifThen(Value condition, function_ref<void()> body, function_ref<void()> otherwise) {
  scf::IfOp branch =
      scf::IfOp::create(b, loc, condition, /*withElseRegion=*/static_cast<bool>(otherwise));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
  if (!otherwise)
    return;
  b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

Values Emitter::registerTile(int64_t rows, int64_t vectors, Value kBegin, Value kEnd, bool distance,
                             function_ref<Value(int64_t, Value)> lhs,
                             function_ref<Value(Value, int64_t)> rhs, bool skipAbsent) {
  Values zeros(rows * vectors, splat(0.0));
  return fold(kBegin, kEnd, 1, zeros, [&](Value k, ValueRange sums) {
    Values columns, next;
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(rhs(k, v));
    for (int64_t row = 0; row < rows; ++row) {
      Value scalar = lhs(row, k), element = splat(scalar), absent;
      if (skipAbsent) {
        Value bits = arith::BitcastOp::create(b, loc, b.getI32Type(), scalar);
        Value negativeZero = arith::ConstantIntOp::create(b, loc, INT32_MIN, 32);
        absent = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, bits, negativeZero);
      }
      for (int64_t v = 0; v < vectors; ++v) {
        Value sum = sums[row * vectors + v];
        if (!distance) {
          Value more = fma(element, columns[v], sum);
          next.push_back(absent ? select(absent, sum, more) : more);
          continue;
        }
        Value difference = subf(element, columns[v]);
        next.push_back(fma(difference, difference, sum));
      }
    }
    return next;
  });
}

} // namespace attune::tile
