// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions out[b, m, n] += sum over k of lhs[b, m, k] rhs[b, n, k], with any number of loops
// behind each of b, m, n and k: products of matrices, batches of them, and convolutions as implicit
// products.
//
// A block owns a tile of m and n. It walks k in steps; the step's tiles of lhs and rhs come to
// shared memory while the tiles before are multiplied in registers, so that one barrier a step is
// enough. A tile stands in shared memory in the order in which it is contiguous in device memory.
// With matrix units the four warps have a quarter of the tile each, two across and two down.
// Where only k is long (a sum over all nodes), it is cut into parts that blocks of their own form,
// and a second kernel joins them in order.
#include "Block.h"
#include "Loops.h"
#include "MatrixUnit.h"

#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Threads across a tile, and down.
constexpr int64_t kAcross = 8, kDown = 16, kThreads = kAcross * kDown;
/// Bytes of a step in k, and of what a thread reads from shared memory at once.
constexpr int64_t kStepBytes = 64, kReadBytes = 16;

/// An input, as the tile of it that a block has in shared memory.
struct Side {
  const NestOperand *access = nullptr;
  LoopGroup loops;
  /// Rows (of m or n) of the tile, those of one thread, and threads along them.
  int64_t rows = 0, own = 0, threads = 0;
  /// Neighbours in device memory have neighbouring k: the tile is [rows, k], else [k, rows].
  bool alongK = false;
  /// Numbers that one copy takes.
  int64_t width = 1;
  /// Numbers between rows of shared memory; two tiles take turns.
  int64_t stride = 0;
  Value memref, first = {};
};

class GpuContraction {
public:
  GpuContraction(Emitter &e, const FusedReduction &outcome, const ChipSpec &shape)
      : e(e), outcome(outcome), nest(outcome.nest), asyncCopies(shape.asyncCopies),
        element(nest.outputs[0].elementType()),
        unit(e, element.isF32() ? shape.precision : Precision::F32) {}

  bool match();
  void emit();

private:
  void setUp(Side &side, int64_t across);
  void allocate(BlockEmitter &block);
  void copy(BlockEmitter &block, Side &side, MutableArrayRef<Value> ivs, Value kBegin, Value kEnd,
            Value buffer);
  Values multiply(ValueRange sums, Value buffer);
  Values multiplyMatrices(ValueRange sums, Value buffer);
  void placeThread(Value thread);
  /// Where row `i` of the thread stands in the tile.
  Value rowOf(const Side &side, int64_t i);
  SmallVector<Values> read(const Side &side, Value buffer, Value k);
  void joinParts(Value parts, Value partial);

  Value zero() { return arith::ConstantOp::create(e.b, e.loc, e.b.getFloatAttr(element, 0.0)); }
  int64_t bytes() const { return element.getIntOrFloatBitWidth() / 8; }
  int64_t step() const { return kStepBytes / bytes(); }
  int64_t reads() const { return kReadBytes / bytes(); }

  void put(ValueRange ivs, Value sum) {
    outcome.put(e, ivs, sum, [&](Value a, Value b) { return e.addf(a, b); });
  }

  Emitter &e;
  const FusedReduction &outcome;
  const Nest &nest;
  bool asyncCopies;
  Type element;
  MatrixUnit unit;
  LoopGroup batch, depth;
  Side lhs, rhs;
  /// With matrix units: the thread's row of eight lanes, its number in that row, and where its
  /// warp's columns begin.
  Value group, lane, warpColumn;
};

bool GpuContraction::match() {
  if (!isMultiplyAdd(nest.op))
    return false;
  const NestOperand &out = nest.outputs[0], &first = nest.inputs[0], &second = nest.inputs[1];
  if (!isa<MemRefType>(first.memref.getType()) || !isa<MemRefType>(second.memref.getType()))
    return false;
  SmallVector<int64_t> ofFirst, ofSecond, ofBoth, reductions;
  int64_t fastest = -1;
  for (int64_t loop = 0; loop < nest.numLoops(); ++loop) {
    bool inFirst = first.uses(loop), inSecond = second.uses(loop);
    if (!nest.isParallel[loop]) {
      // A loop that one side does not walk would be read again and again, but is no error.
      reductions.push_back(loop);
      continue;
    }
    if (!out.uses(loop) || (!inFirst && !inSecond))
      return false;
    (inFirst && inSecond ? ofBoth : inFirst ? ofFirst : ofSecond).push_back(loop);
    if (out.isContiguousIn(loop) && nest.sizes[loop] != 1)
      fastest = loop;
  }
  auto isOne = [&](ArrayRef<int64_t> loops) { return nest.product(loops, 2) == 1; };
  if (reductions.empty() || isOne(ofFirst) || isOne(ofSecond))
    return false;
  bool swap = llvm::is_contained(ofFirst, fastest);
  lhs.access = swap ? &second : &first;
  rhs.access = swap ? &first : &second;
  batch = LoopGroup(e, nest, ofBoth);
  depth = LoopGroup(e, nest, reductions);
  lhs.loops = LoopGroup(e, nest, swap ? ofSecond : ofFirst);
  rhs.loops = LoopGroup(e, nest, swap ? ofFirst : ofSecond);
  setUp(lhs, kDown);
  setUp(rhs, kAcross);
  return true;
}

void GpuContraction::setUp(Side &side, int64_t threads) {
  side.threads = threads;
  // At most 4 rows down and 8 columns across of a thread: 32 sums.
  int64_t most = threads == kDown ? 4 : 8, size = nest.product(side.loops.loops, 1 << 20);
  side.own = unit.isUsed() ? 2 : 1;
  while (side.own < most && side.own * threads < size)
    side.own *= 2;
  side.rows = side.own * threads;
  int64_t k = depth.loops.back(), row = side.loops.loops.back();
  side.alongK = !side.access->isContiguousIn(row);
  // Fours of numbers, where the fastest loop walks neighbours and whole fours of them.
  int64_t fastest = side.alongK ? k : row;
  int64_t wide = kReadBytes / bytes();
  bool isWhole = !nest.isDynamic(fastest) && nest.sizes[fastest] % wide == 0;
  if (element.isF32() && isWhole && side.access->isContiguousIn(fastest) &&
      isAlignedToFours(side.access->memref))
    side.width = wide;
  if (unit.isUsed())
    // Lanes read pairs along k, eight rows at once, or four rows of eight numbers.
    side.stride = side.alongK ? step() + 8 : side.rows + 4;
  else
    side.stride = side.alongK ? step() + reads() : side.rows;
}

void GpuContraction::allocate(BlockEmitter &block) {
  OpBuilder &b = e.b;
  Attribute space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  Value shared = gpu::DynamicSharedMemoryOp::create(
      b, e.loc, MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), AffineMap(), space));
  int64_t offset = 0;
  for (Side *side : {&lhs, &rhs}) {
    int64_t rows = 2 * (side->alongK ? side->rows : step());
    auto type = MemRefType::get({rows, side->stride}, element, AffineMap(), space);
    side->memref = memref::ViewOp::create(b, e.loc, type, shared, e.index(offset), ValueRange());
    offset += rows * side->stride * bytes();
  }
}

/// Starts to copy the tile of k in [kBegin, kEnd) to half `buffer` of the side's memory; what lies
/// beyond the matrix becomes 0.
void GpuContraction::copy(BlockEmitter &block, Side &side, MutableArrayRef<Value> ivs, Value kBegin,
                          Value kEnd, Value buffer) {
  OpBuilder &b = e.b;
  int64_t columns = side.alongK ? step() : side.rows, lines = side.alongK ? side.rows : step();
  int64_t inLine = columns / side.width;
  e.forEach(block.thread, e.index(lines * inLine), kThreads, [&](Value piece) {
    Value line = e.div(piece, inLine);
    Value column = e.mul(e.rem(piece, e.index(inLine)), side.width);
    Value row = e.add(side.first, side.alongK ? line : column);
    Value k = e.add(kBegin, side.alongK ? column : line);
    Value isThere = arith::AndIOp::create(b, e.loc, e.less(row, side.loops.count), e.less(k, kEnd));
    // Element 0 stands for those that are not there.
    Values at(ivs.begin(), ivs.end());
    side.loops.place(e, e.select(isThere, row, e.index(0)), at);
    depth.place(e, e.select(isThere, k, e.index(0)), at);
    Values from = side.access->at(e, at);
    Values to{e.add(e.mul(buffer, lines), line), column};
    if (asyncCopies) {
      Value there = e.select(isThere, e.index(side.width), e.index(0));
      nvgpu::DeviceAsyncCopyOp::create(b, e.loc, nvgpu::DeviceAsyncTokenType::get(b.getContext()),
                                       side.memref, to, side.access->memref, from,
                                       b.getIndexAttr(side.width), there,
                                       side.width * bytes() == 16 ? b.getUnitAttr() : UnitAttr());
      return;
    }
    Type type = side.width == 1 ? element : Type(VectorType::get({side.width}, element));
    Value number = e.choose(
        type, isThere,
        [&]() -> Value {
          if (side.width == 1)
            return e.load(side.access->memref, from);
          return vector::LoadOp::create(b, e.loc, cast<VectorType>(type), side.access->memref, from,
                                        /*nontemporal=*/false, llvm::Align(16));
        },
        [&]() -> Value { return arith::ConstantOp::create(b, e.loc, b.getZeroAttr(type)); });
    if (side.width == 1)
      e.store(number, side.memref, to);
    else
      vector::StoreOp::create(b, e.loc, number, side.memref, to, /*nontemporal=*/false,
                              llvm::Align(16));
  });
}

/// Finds the thread's rows, which `rowOf` counts from `first`.
void GpuContraction::placeThread(Value thread) {
  lhs.first = e.div(thread, kAcross);
  rhs.first = e.rem(thread, e.index(kAcross));
  if (!unit.isUsed())
    return;
  Value warp = e.div(thread, kWarp), inWarp = e.rem(thread, e.index(kWarp));
  group = e.div(inWarp, MatrixUnit::kLanesX);
  lane = e.rem(inWarp, e.index(MatrixUnit::kLanesX));
  warpColumn = e.mul(e.rem(warp, e.index(2)), MatrixUnit::kLanesX * rhs.own);
  lhs.first = e.add(e.mul(e.div(warp, 2), MatrixUnit::kLanesY * lhs.own), group);
  rhs.first = e.add(warpColumn, e.mul(lane, 2));
}

Value GpuContraction::rowOf(const Side &side, int64_t i) {
  if (unit.isUsed())
    return e.add(side.first,
                 &side == &lhs ? i * MatrixUnit::kLanesY : i / 2 * MatrixUnit::kColumns + i % 2);
  if (side.alongK)
    return e.add(side.first, i * side.threads);
  // Neighbours in runs of what is read at once.
  int64_t run = std::min(side.own, reads());
  return e.add(e.mul(side.first, run), i / run * run * side.threads + i % run);
}

/// The thread's rows of the tile at k, k + 1, ..: for each row its numbers.
SmallVector<Values> GpuContraction::read(const Side &side, Value buffer, Value k) {
  SmallVector<Values> rows(side.own);
  auto load = [&](Value line, Value column, int64_t width) {
    Value whole = vector::LoadOp::create(e.b, e.loc, VectorType::get({width}, element), side.memref,
                                         ValueRange{line, column}, /*nontemporal=*/false,
                                         llvm::Align(width * bytes()));
    Values numbers;
    for (int64_t i = 0; i < width; ++i)
      numbers.push_back(vector::ExtractOp::create(e.b, e.loc, whole, i));
    return numbers;
  };
  if (side.alongK) {
    for (int64_t i = 0; i < side.own; ++i)
      rows[i] = load(e.add(e.mul(buffer, side.rows), rowOf(side, i)), k, reads());
    return rows;
  }
  int64_t run = std::min(side.own, reads());
  for (int64_t t = 0; t < reads(); ++t)
    for (int64_t i = 0; i < side.own; i += run) {
      Values numbers = load(e.add(e.add(e.mul(buffer, step()), k), t), rowOf(side, i), run);
      for (int64_t y = 0; y < run; ++y)
        rows[i + y].push_back(numbers[y]);
    }
  return rows;
}

Values GpuContraction::multiplyMatrices(ValueRange sums, Value buffer) {
  // A row's numbers at k + 2 * lane and behind it, for each pair of the unit.
  auto append = [&](const Side &side, Value row, Value k, Values &numbers) {
    k = e.add(k, e.mul(lane, 2));
    if (side.alongK) {
      Value line = e.add(e.mul(buffer, side.rows), row);
      Value two =
          vector::LoadOp::create(e.b, e.loc, VectorType::get({2}, element), side.memref,
                                 ValueRange{line, k}, /*nontemporal=*/false, llvm::Align(8));
      for (int64_t t = 0; t < 2; ++t)
        numbers.push_back(vector::ExtractOp::create(e.b, e.loc, two, t));
      return;
    }
    for (int64_t t = 0; t < 2; ++t)
      numbers.push_back(e.load(side.memref, {e.add(e.add(e.mul(buffer, step()), k), t), row}));
  };
  auto multiplyAt = [&](Value k, ValueRange in) {
    Values next(in);
    SmallVector<MatrixUnit::Operand> columns;
    for (int64_t j = 0; j < rhs.own; j += 2) {
      Values numbers;
      for (int64_t p = 0; p < unit.pairs(); ++p)
        append(rhs, e.add(e.add(warpColumn, group), j / 2 * MatrixUnit::kColumns), e.add(k, 8 * p),
               numbers);
      columns.push_back(unit.pack(numbers));
    }
    for (int64_t i = 0; i < lhs.own; i += 2) {
      Values numbers;
      for (int64_t p = 0; p < unit.pairs(); ++p)
        for (int64_t y = 0; y < 2; ++y)
          append(lhs, rowOf(lhs, i + y), e.add(k, 8 * p), numbers);
      MatrixUnit::Operand rows = unit.pack(numbers);
      for (int64_t j = 0; j < rhs.own; j += 2)
        unit.multiply(rows, columns[j / 2], cornersOf(next, i, j, rhs.own));
    }
    return next;
  };
  return unit.addTo(sums, [&](ValueRange begin) {
    return e.fold(e.index(0), e.index(step()), unit.depth(), begin, multiplyAt);
  });
}

Values GpuContraction::multiply(ValueRange sums, Value buffer) {
  if (unit.isUsed())
    return multiplyMatrices(sums, buffer);
  return e.fold(e.index(0), e.index(step()), reads(), sums, [&](Value k, ValueRange in) {
    SmallVector<Values> left = read(lhs, buffer, k), right = read(rhs, buffer, k);
    Values next(in);
    for (int64_t t = 0; t < reads(); ++t)
      for (int64_t i = 0; i < lhs.own; ++i)
        for (int64_t j = 0; j < rhs.own; ++j) {
          Value &sum = next[i * rhs.own + j];
          sum = e.fma(left[i][t], right[j][t], sum);
        }
    return next;
  });
}

void GpuContraction::emit() {
  bool cut = nest.longReduction() >= 0;
  Value parts = cut ? partsOf(e, depth.count) : e.index(1);
  Value length = e.roundUp(e.ceilDiv(depth.count, parts), step());
  Value partial;
  Value results = e.mul(e.mul(batch.count, lhs.loops.count), rhs.loops.count);
  if (cut)
    partial = e.alloc({OpFoldResult(e.mul(parts, results))}, element);
  Value down = e.ceilDiv(lhs.loops.count, lhs.rows), across = e.ceilDiv(rhs.loops.count, rhs.rows);
  Grid grid{e.mul(e.mul(down, across), e.mul(batch.count, parts))};
  grid.threads = kThreads;
  for (Side *side : {&lhs, &rhs})
    grid.shared += 2 * (side->alongK ? side->rows : step()) * side->stride * bytes();
  emitLaunch(e, "product", grid, [&](Value thread, ValueRange id) {
    BlockEmitter block(e, thread, kThreads, asyncCopies);
    allocate(block);
    // Neighbouring blocks read the same rows of lhs.
    Value rest = id[0];
    Value column = e.rem(rest, across);
    rest = e.div(rest, across);
    Value row = e.rem(rest, down);
    rest = e.div(rest, down);
    Value part = e.rem(rest, parts);
    Values ivs(nest.numLoops());
    batch.place(e, e.div(rest, parts), ivs);
    Value rowBegin = e.mul(row, lhs.rows), columnBegin = e.mul(column, rhs.rows);
    lhs.first = rowBegin;
    rhs.first = columnBegin;
    Value begin = e.mul(part, length), end = e.min(e.add(begin, length), depth.count);
    auto copyStep = [&](Value k, Value buffer) {
      lhs.first = rowBegin;
      rhs.first = columnBegin;
      copy(block, lhs, ivs, k, end, buffer);
      copy(block, rhs, ivs, k, end, buffer);
      block.commit();
    };
    copyStep(begin, e.index(0));
    Values inits(lhs.own * rhs.own, zero());
    inits.push_back(e.index(0));
    Values sums = e.fold(begin, end, step(), inits, [&](Value k, ValueRange in) {
      Value buffer = in.back(), other = e.sub(e.index(1), buffer);
      block.wait(0);
      block.barrier();
      copyStep(e.add(k, step()), other);
      placeThread(thread);
      Values next = multiply(in.drop_back(), buffer);
      next.push_back(other);
      return next;
    });
    block.wait(0);
    sums.pop_back();
    placeThread(thread);
    for (int64_t i = 0; i < lhs.own; ++i) {
      Value m = e.add(rowBegin, rowOf(lhs, i));
      e.ifThen(e.less(m, lhs.loops.count), [&] {
        lhs.loops.place(e, m, ivs);
        for (int64_t j = 0; j < rhs.own; ++j) {
          Value n = e.add(columnBegin, rowOf(rhs, j)), sum = sums[i * rhs.own + j];
          e.ifThen(e.less(n, rhs.loops.count), [&] {
            if (cut) {
              Value b = e.div(rest, parts);
              Value at = e.add(e.mul(e.add(e.mul(b, lhs.loops.count), m), rhs.loops.count), n);
              e.store(sum, partial, e.add(e.mul(part, results), at));
              return;
            }
            rhs.loops.place(e, n, ivs);
            put(ivs, sum);
          });
        }
      });
    }
  });
  if (!cut)
    return;
  joinParts(parts, partial);
  e.free(partial);
}

void GpuContraction::joinParts(Value parts, Value partial) {
  Value perBatch = e.mul(lhs.loops.count, rhs.loops.count), results = e.mul(batch.count, perBatch);
  emitForEach(e, "join", results, 128, [&](Value result) {
    Values ivs(nest.numLoops());
    batch.place(e, e.div(result, perBatch), ivs);
    Value inBatch = e.rem(result, perBatch);
    lhs.loops.place(e, e.div(inBatch, rhs.loops.count), ivs);
    rhs.loops.place(e, e.rem(inBatch, rhs.loops.count), ivs);
    Value sum = e.fold(e.index(0), parts, 1, {zero()}, [&](Value part, ValueRange in) {
      return Values{e.addf(in[0], e.load(partial, e.add(e.mul(part, results), result)))};
    })[0];
    put(ivs, sum);
  });
}

} // namespace

bool emitGpuContraction(Emitter &e, const FusedReduction &outcome, const ChipSpec &shape) {
  GpuContraction contraction(e, outcome, shape);
  if (!contraction.match())
    return false;
  contraction.emit();
  return true;
}

} // namespace attune::tile
