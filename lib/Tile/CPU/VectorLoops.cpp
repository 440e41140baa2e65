// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise ops and reductions as loops over vectors.
//
// One loop v runs in steps of vectors: all operands are contiguous in it or do not depend on it.
// For elementwise ops it is innermost. In reductions it is either a loop of the output, then the
// reduction loops run inside with a vector of results each, or the innermost reduction loop, whose
// lanes are joined at the end of the row. The remaining elements of v are taken one by one.
#include "../Lanes.h"
#include "../Nest.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Elements of a task.
constexpr int64_t kTaskElements = 16 * 1024;

class VectorLoops {
public:
  VectorLoops(Emitter &e, const Nest &nest)
      : e(e), nest(nest), body(nest.op->getRegion(0).front()) {}
  bool emit();

private:
  Emitter &e;
  const Nest &nest;
  Block &body;
  Combiner combiner;
  int64_t v = -1;
  bool alongReduction = false;

  bool vectorisesAlong(int64_t loop);
  void choose();
  Value divideByUniform(Operation *op, ValueRange operands);
  Values evaluate(const Values &ivs, bool vectors, ValueRange outs);
  Value combine(Value a, Value b);
  Value neutral();
  /// Loops over the parallel loops, `v` left out where it is one of them.
  void emitParallel(function_ref<void(const Values &ivs, Value begin, Value end)> body);
  void emitElements(Values ivs, Value begin, Value end);
  void emitResults(const NestOperand &out, Values ivs, Value begin, Value end, int64_t cut,
                   Value cutBegin, Value cutEnd);
  Values reduce(Values ivs, ArrayRef<int64_t> loops, int64_t cut, Value cutBegin, Value cutEnd,
                ValueRange inits, function_ref<Values(const Values &, ValueRange)> leaf);
  Values reduceOne(const Values &ivs, bool vectors, int64_t cut, Value cutBegin, Value cutEnd,
                   int64_t count);
};

/// All operands are contiguous in the loop or do not use it, and so are loads in the body.
bool VectorLoops::vectorisesAlong(int64_t loop) {
  for (const NestOperand &access : llvm::concat<const NestOperand>(nest.inputs, nest.outputs)) {
    if ((access.elementType().isInteger(1) && !access.loops.empty()) ||
        (access.uses(loop) && !access.isContiguousIn(loop)))
      return false;
  }
  llvm::SmallDenseSet<Value> varying;
  for (auto [argument, access] :
       llvm::zip(body.getArguments(), llvm::concat<const NestOperand>(nest.inputs, nest.outputs)))
    if (access.uses(loop) || (combiner && argument == body.getArguments().back()))
      varying.insert(argument);
  for (Operation &op : body.without_terminator()) {
    bool varies =
        llvm::any_of(op.getOperands(), [&](Value operand) { return varying.contains(operand); });
    if (auto index = dyn_cast<linalg::IndexOp>(op))
      varies = static_cast<int64_t>(index.getDim()) == loop;
    if (auto load = dyn_cast<memref::LoadOp>(op); load && varies) {
      auto last = load.getIndices().empty()
                      ? linalg::IndexOp()
                      : load.getIndices().back().getDefiningOp<linalg::IndexOp>();
      if (!last || static_cast<int64_t>(last.getDim()) != loop ||
          load.getMemRefType().getElementType().isInteger(1) ||
          llvm::any_of(load.getIndices().drop_back(),
                       [&](Value i) { return varying.contains(i); }) ||
          !Emitter::hasUnitInnerStride(load.getMemRef()))
        return false;
    }
    if (varies)
      varying.insert(op.result_begin(), op.result_end());
  }
  return true;
}

void VectorLoops::choose() {
  auto tooShort = [&](int64_t loop) {
    return !nest.isDynamic(loop) && nest.sizes[loop] < e.shape.lanes;
  };
  // Named: `reverse` would refer into a vector that is gone.
  SmallVector<int64_t> parallel = nest.loopsOf(true), reductions = nest.loopsOf(false);
  for (int64_t loop : llvm::reverse(parallel)) {
    bool inAll = llvm::all_of(nest.outputs, [&](const NestOperand &out) { return out.uses(loop); });
    if (!tooShort(loop) && inAll && vectorisesAlong(loop)) {
      v = loop;
      return;
    }
  }
  for (int64_t loop : llvm::reverse(reductions)) {
    if (!tooShort(loop) && combiner && vectorisesAlong(loop)) {
      v = loop;
      alongReduction = true;
      return;
    }
  }
}

/// x / d for a vector x and a number d as (x c) (1 / (d c)): one division instead of one for each
/// vector. c is 1, or large where d is so small that 1 / d overflows. At most 1.5 ulp off.
Value VectorLoops::divideByUniform(Operation *op, ValueRange operands) {
  if (!isa<arith::DivFOp>(op) || !operands[1].getType().isF32() ||
      !isa<VectorType>(operands[0].getType()))
    return {};
  OpBuilder &b = e.b;
  Value magnitude = math::AbsFOp::create(b, e.loc, operands[1]);
  Value isSmall =
      arith::CmpFOp::create(b, e.loc, arith::CmpFPredicate::OLT, magnitude, e.f32(0x1p-100));
  Value c = e.select(isSmall, e.f32(0x1p+60), e.f32(1.0));
  Value inverse = e.divf(e.f32(1.0), e.mulf(operands[1], c));
  return e.mulf(e.mulf(operands[0], e.splat(c)), e.splat(inverse));
}

/// The body at `ivs`; with `vectors` for as many elements of v as there are lanes. `outs` are what
/// the outputs hold.
Values VectorLoops::evaluate(const Values &ivs, bool vectors, ValueRange outs) {
  Values arguments;
  for (const NestOperand &input : nest.inputs) {
    if (!vectors || !input.uses(v)) {
      arguments.push_back(input.load(e, ivs));
      continue;
    }
    Values others = ivs;
    others[v] = {};
    arguments.push_back(e.loadVector(input.view(e, others), ivs[v]));
  }
  arguments.append(outs.begin(), outs.end());
  auto special = [&](Operation *op, ValueRange operands) -> Value {
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      int64_t loop = index.getDim();
      return vectors && loop == v ? e.steps(ivs[loop]) : ivs[loop];
    }
    if (Value quotient = divideByUniform(op, operands))
      return quotient;
    auto load = dyn_cast<memref::LoadOp>(op);
    if (!load || operands.empty() || !isa<VectorType>(operands.back().getType()))
      return {};
    Values at(operands.drop_front());
    at.back() = ivs[v];
    return e.loadVector(operands.front(), at);
  };
  return evaluateLanes(e, body, arguments, special);
}

Value VectorLoops::combine(Value a, Value b) { return combiner.join(e.b, e.loc, a, b); }

Value VectorLoops::neutral() {
  return arith::ConstantOp::create(e.b, e.loc, combiner.neutralAttr());
}

void VectorLoops::emitParallel(function_ref<void(const Values &, Value, Value)> leaf) {
  SmallVector<int64_t> loops = nest.loopsOf(true), all = loops;
  all.append(nest.loopsOf(false));
  // The loop that is cut into tasks: the first dynamic one, else the longest.
  int64_t cut = -1;
  for (int64_t loop : loops)
    if (cut < 0 ||
        (!nest.isDynamic(cut) && (nest.isDynamic(loop) || nest.sizes[loop] > nest.sizes[cut])))
      cut = loop;
  bool parallel = !e.inTask && cut >= 0 && nest.product(all, kSmallElements) >= kSmallElements;
  bool inner = !alongReduction && v >= 0;
  Values ivs(nest.numLoops());
  std::function<void(unsigned, Value, Value)> level = [&](unsigned depth, Value begin, Value end) {
    if (depth == loops.size()) {
      if (!inner)
        return leaf(ivs, {}, {});
      return parallel && cut == v ? leaf(ivs, begin, end) : leaf(ivs, e.index(0), nest.size(e, v));
    }
    int64_t loop = loops[depth];
    if (inner && loop == v)
      return level(depth + 1, begin, end);
    bool isCut = parallel && loop == cut;
    e.forEach(isCut ? begin : e.index(0), isCut ? end : nest.size(e, loop), 1, [&](Value iv) {
      ivs[loop] = iv;
      level(depth + 1, begin, end);
    });
  };
  if (!parallel)
    return level(0, {}, {});
  SmallVector<int64_t> rest;
  for (int64_t loop : all)
    if (loop != cut)
      rest.push_back(loop);
  int64_t length =
      std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, nest.product(rest, 64)));
  if (cut == v)
    length = (length + e.shape.lanes - 1) / e.shape.lanes * e.shape.lanes;
  // The task's loop comes first.
  std::rotate(loops.begin(), llvm::find(loops, cut), std::next(llvm::find(loops, cut)));
  Value size = nest.size(e, cut);
  e.tasks(e.ceilDiv(size, length), /*parallel=*/true, [&](Value task) {
    Value begin = e.mul(task, length);
    level(0, begin, e.min(e.add(begin, length), size));
  });
}

void VectorLoops::emitElements(Values ivs, Value begin, Value end) {
  auto element = [&](bool vectors) {
    Values outs, others = ivs, views;
    if (v >= 0)
      others[v] = {};
    for (auto [out, argument] :
         llvm::zip(nest.outputs, body.getArguments().take_back(nest.outputs.size()))) {
      views.push_back(vectors ? out.view(e, others) : out.memref);
      if (argument.use_empty())
        outs.push_back(Value());
      else
        outs.push_back(vectors ? e.loadVector(views.back(), ivs[v])
                               : e.load(out.memref, out.at(e, ivs)));
    }
    // Outputs that the body does not read need some value of their type.
    for (auto [out, argument] : llvm::zip(outs, body.getArguments().take_back(outs.size())))
      if (!out)
        out = arith::ConstantOp::create(e.b, e.loc, e.b.getZeroAttr(argument.getType()));
    Values results = evaluate(ivs, vectors, outs);
    for (auto [out, view, result] : llvm::zip(nest.outputs, views, results)) {
      if (vectors)
        e.storeVector(e.splat(result), view, ivs[v]);
      else
        e.store(result, view, out.at(e, ivs));
    }
  };
  if (v < 0)
    return element(false);
  Value whole = e.add(begin, e.roundDown(e.sub(end, begin), e.shape.lanes));
  e.forEach(begin, whole, e.shape.lanes, [&](Value iv) {
    ivs[v] = iv;
    element(true);
  });
  e.forEach(whole, end, 1, [&](Value iv) {
    ivs[v] = iv;
    element(false);
  });
}

Values VectorLoops::reduce(Values ivs, ArrayRef<int64_t> loops, int64_t cut, Value cutBegin,
                           Value cutEnd, ValueRange inits,
                           function_ref<Values(const Values &, ValueRange)> leaf) {
  if (loops.empty())
    return leaf(ivs, inits);
  int64_t loop = loops.front();
  Value begin = loop == cut ? cutBegin : e.index(0),
        end = loop == cut ? cutEnd : nest.size(e, loop);
  return e.fold(begin, end, 1, inits, [&](Value iv, ValueRange sums) {
    ivs[loop] = iv;
    return reduce(ivs, loops.drop_front(), cut, cutBegin, cutEnd, sums, leaf);
  });
}

/// Results of the reduction loops at `ivs`: one number, or `count` vectors along v.
Values VectorLoops::reduceOne(const Values &ivs, bool vectors, int64_t cut, Value cutBegin,
                              Value cutEnd, int64_t count) {
  SmallVector<int64_t> loops;
  for (int64_t loop : nest.loopsOf(false))
    if (!alongReduction || loop != v)
      loops.push_back(loop);
  if (!alongReduction) {
    Values inits(count, vectors ? e.splat(neutral()) : neutral());
    return reduce(ivs, loops, cut, cutBegin, cutEnd, inits, [&](const Values &at, ValueRange sums) {
      Values next, here = at;
      for (int64_t i = 0; i < count; ++i) {
        if (vectors)
          here[v] = e.add(at[v], i * e.shape.lanes);
        Value result = evaluate(here, vectors, ValueRange(sums[i]))[0];
        next.push_back(vectors ? e.splat(result) : result);
      }
      return next;
    });
  }
  Values inits{e.splat(neutral()), neutral()};
  Values sums =
      reduce(ivs, loops, cut, cutBegin, cutEnd, inits, [&](const Values &at, ValueRange in) {
        Value begin = v == cut ? cutBegin : e.index(0), end = v == cut ? cutEnd : nest.size(e, v);
        Value whole = e.add(begin, e.roundDown(e.sub(end, begin), e.shape.lanes));
        auto run = [&](Value from, Value to, int64_t step, Value sum) {
          return e.fold(from, to, step, ValueRange(sum), [&](Value iv, ValueRange inside) {
            Values here = at;
            here[v] = iv;
            return Values{e.splat(evaluate(here, step > 1, inside)[0])};
          })[0];
        };
        auto runScalars = [&](Value from, Value to, Value sum) {
          return e.fold(from, to, 1, ValueRange(sum), [&](Value iv, ValueRange inside) {
            Values here = at;
            here[v] = iv;
            return evaluate(here, false, inside);
          })[0];
        };
        return Values{run(begin, whole, e.shape.lanes, in[0]), runScalars(whole, end, in[1])};
      });
  Value joined = vector::ReductionOp::create(e.b, e.loc, combiner.kind, sums[0],
                                             combiner.kind == vector::CombiningKind::ADD &&
                                                     isa<FloatType>(sums[1].getType())
                                                 ? arith::FastMathFlags::reassoc
                                                 : arith::FastMathFlags::none);
  return {combine(joined, sums[1])};
}

void VectorLoops::emitResults(const NestOperand &out, Values ivs, Value begin, Value end,
                              int64_t cut, Value cutBegin, Value cutEnd) {
  auto single = [&] {
    Value result = reduceOne(ivs, false, cut, cutBegin, cutEnd, 1)[0];
    Values at = out.at(e, ivs);
    e.store(combine(e.load(out.memref, at), result), out.memref, at);
  };
  if (v < 0 || alongReduction)
    return single();
  // Several vectors of results at once: additions of one do not wait for those of another.
  int64_t count = 8;
  while (count > 1 && (nest.isDynamic(v) || nest.sizes[v] % (count * e.shape.lanes) != 0))
    count /= 2;
  Value whole = e.add(begin, e.roundDown(e.sub(end, begin), count * e.shape.lanes));
  Values others = ivs;
  others[v] = {};
  e.forEach(begin, whole, count * e.shape.lanes, [&](Value iv) {
    ivs[v] = iv;
    Values results = reduceOne(ivs, true, cut, cutBegin, cutEnd, count);
    Value view = out.view(e, others);
    for (auto [i, result] : llvm::enumerate(results)) {
      Value at = e.add(iv, i * e.shape.lanes);
      e.storeVector(combine(e.loadVector(view, at), result), view, at);
    }
  });
  e.forEach(whole, end, 1, [&](Value iv) {
    ivs[v] = iv;
    single();
  });
}

bool VectorLoops::emit() {
  bool reduces = !nest.loopsOf(false).empty();
  if (reduces && !(combiner = matchCombiner(nest.op)))
    return false;
  if (findNonElementwise(body,
                         [](Operation *op) { return isa<linalg::IndexOp, memref::LoadOp>(op); }))
    return false;
  choose();
  if (!reduces) {
    emitParallel([&](const Values &ivs, Value begin, Value end) { emitElements(ivs, begin, end); });
    return true;
  }
  int64_t cut = e.inTask ? -1 : nest.longReduction();
  NestOperand out = nest.outputs[0];
  if (cut < 0) {
    emitParallel([&](const Values &ivs, Value begin, Value end) {
      emitResults(out, ivs, begin, end, -1, {}, {});
    });
    return true;
  }
  auto join = [&](Value a, Value b) { return combine(a, b); };
  emitInParts(e, out.memref, nest.size(e, cut), neutral(), join,
              [&](Value part, Value from, Value to) {
                NestOperand own{part, out.loops};
                Values ivs(nest.numLoops());
                SmallVector<int64_t> loops = nest.loopsOf(true);
                std::function<void(unsigned)> level = [&](unsigned depth) {
                  if (depth == loops.size())
                    return emitResults(own, ivs, e.index(0), v >= 0 ? nest.size(e, v) : Value(),
                                       cut, from, to);
                  if (loops[depth] == v)
                    return level(depth + 1);
                  e.forEach(e.index(0), nest.size(e, loops[depth]), 1, [&](Value iv) {
                    ivs[loops[depth]] = iv;
                    level(depth + 1);
                  });
                };
                level(0);
              });
  return true;
}

} // namespace

bool emitVectorLoops(Emitter &e, const Nest &nest) { return VectorLoops(e, nest).emit(); }

} // namespace attune::tile
