// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions out[m, n] += sum over k of lhs[m, k] rhs[k, n] (with further loops outside) in
// register tiles.
//
// The vector dimension n is the contiguous one of the output, and walks one input, rhs, only; the
// rows m walk the other one only. A task owns a block of rows. Per panel of columns and block of k
// it packs the panel of rhs, unless that can be read in place, and for each tile of rows sums the
// block up in registers and adds the tile to the output.
#include "../Nest.h"

#include <numeric>

using namespace mlir;

namespace attune::tile {

bool isMultiplyAdd(linalg::GenericOp op) {
  Block &body = op.getRegion().front();
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || body.getOperations().size() != 3)
    return false;
  auto add = body.getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add || !(add.getType().isF32() || add.getType().isF64()))
    return false;
  for (auto [sum, other] :
       {std::pair(add.getLhs(), add.getRhs()), std::pair(add.getRhs(), add.getLhs())}) {
    auto product = sum.getDefiningOp<arith::MulFOp>();
    Value a = body.getArgument(0), b = body.getArgument(1);
    if (product && other == body.getArgument(2) &&
        ((product.getLhs() == a && product.getRhs() == b) ||
         (product.getLhs() == b && product.getRhs() == a)))
      return true;
  }
  return false;
}

namespace {

struct Contraction {
  const Nest &nest;
  Emitter &e;
  const NestOperand *lhs = nullptr, *rhs = nullptr;
  int64_t n = -1, m = -1, k = -1;

  bool match();
  void emit();
  /// Adds the products of k in [begin, end) to `out`.
  void emitRange(Value out, Value begin, Value end, bool parallel);
  void emitBlock(Value left, Value right, Value out, Value rowBegin, Value rowEnd,
                 Value columnBegin, Value columnEnd, Value kBegin, Value kEnd, Value buffer,
                 Value packed);
  /// A tile of `tileRows` rows, of which those from `rowEnd` on are left out; none are where it is
  /// null.
  void emitTile(Value left, Value right, Value out, Value row, int64_t tileRows, Value rowEnd,
                Value column, int64_t vectors, Value kBegin, Value kEnd, Value buffer,
                Value packed);
  void prefetchNext(Value left, Value right, Value out, Value row, Value column, Value kBegin);

  bool readsInPlace() const {
    return rhs->isContiguousIn(n) && rhs->dimOf(n) > rhs->dimOf(k) && !nest.isDynamic(n) &&
           nest.sizes[n] % e.shape.lanes == 0 && fitsCacheInPlace();
  }
  /// Rows of rhs that are a multiple of many cache lines apart share a few sets of the cache: a
  /// panel of them would not stay in it.
  bool fitsCacheInPlace() const {
    constexpr int64_t kSets = 64, kWays = 8, kLine = 64;
    int64_t width = e.real.getIntOrFloatBitWidth() / 8, stride = nest.sizes[n] * width;
    int64_t rows = nest.isDynamic(k) ? sumBlock() : std::min(nest.sizes[k], sumBlock());
    int64_t panelLines = (e.shape.panel() * width + kLine - 1) / kLine;
    int64_t places = stride % kLine ? kSets : kSets / std::gcd(stride / kLine, kSets);
    return rows * panelLines <= std::min(kSets, places * panelLines) * kWays;
  }
  /// Products in one block sum. Where lhs is read across its rows, rows of a block stay in the L1
  /// cache.
  int64_t sumBlock() const { return lhs->dimOf(k) < lhs->dimOf(m) ? 64 : kSumBlock; }
};

bool Contraction::match() {
  if (!isMultiplyAdd(nest.op))
    return false;
  const NestOperand &out = nest.outputs[0], &first = nest.inputs[0], &second = nest.inputs[1];
  for (int64_t loop : llvm::reverse(out.loops)) {
    if (loop < 0 || nest.sizes[loop] == 1)
      continue;
    n = loop;
    break;
  }
  if (n < 0 || !out.isContiguousIn(n) || first.uses(n) == second.uses(n))
    return false;
  rhs = first.uses(n) ? &first : &second;
  lhs = first.uses(n) ? &second : &first;
  // Rows of pixels rather than images, of which there may be one; else what may be long.
  auto isPixel = [&](int64_t loop) { return lhs->windowAt(lhs->dimOf(loop)) != nullptr; };
  auto isLonger = [&](int64_t loop) {
    if (isPixel(loop) || isPixel(m))
      return isPixel(loop) && (!isPixel(m) || nest.sizes[loop] >= nest.sizes[m]);
    return !nest.isDynamic(m) && (nest.isDynamic(loop) || nest.sizes[loop] > nest.sizes[m]);
  };
  for (int64_t loop : nest.loopsOf(true)) {
    if (lhs->uses(loop) && !rhs->uses(loop) && out.dimOf(loop) < out.dimOf(n) &&
        (m < 0 || isLonger(loop)))
      m = loop;
  }
  if (!rhs->windows.empty())
    return false;
  for (int64_t loop : nest.loopsOf(false)) {
    if (!lhs->uses(loop) || !rhs->uses(loop))
      return false;
    if (isPixel(loop)) // a place in the kernel
      continue;
    if (k < 0 ||
        (!nest.isDynamic(k) && (nest.isDynamic(loop) || nest.sizes[loop] >= nest.sizes[k])))
      k = loop;
  }
  return k >= 0 && m >= 0;
}

void Contraction::emit() {
  Value out = nest.outputs[0].memref, size = nest.size(e, k);
  if (!e.inTask && nest.longReduction() == k) {
    auto combine = [&](Value a, Value b) { return e.addf(a, b); };
    return emitInParts(e, out, size, e.number(0.0), combine,
                       [&](Value part, Value begin, Value end) {
                         emitRange(part, begin, end, /*parallel=*/false);
                       });
  }
  SmallVector<int64_t> all = nest.loopsOf(true);
  all.append(nest.loopsOf(false));
  // Products of f64 numbers take twice the time.
  int64_t least = e.real.isF64() ? kSmallProducts / 2 : kSmallProducts;
  bool parallel = !e.inTask && nest.product(all, least) >= least;
  emitRange(out, e.index(0), size, parallel);
}

void Contraction::emitRange(Value out, Value begin, Value end, bool parallel) {
  // Tasks: the other parallel loops, blocks of rows, and shares of the columns innermost. At least
  // eight tasks where there is the work: few rows share the columns out, so that each element of
  // rhs is read by few tasks.
  Value rows = nest.size(e, m), columns = nest.size(e, n), blockRows = rows, share = columns;
  SmallVector<int64_t> outer;
  for (int64_t loop : nest.loopsOf(true))
    if (loop != m && loop != n)
      outer.push_back(loop);
  bool isOneBlock = !outer.empty() && !nest.isDynamic(m) && nest.sizes[m] <= kTaskRows / 2;
  bool splits = parallel && !isOneBlock;
  Value one = e.index(1), blocks = one, shares = one;
  if (splits) {
    constexpr int64_t kTasks = 8;
    Value fewest = e.max(e.ceilDiv(rows, kTaskRows), one);
    if (!nest.isDynamic(n)) {
      int64_t panels = (nest.sizes[n] + e.shape.panel() - 1) / e.shape.panel();
      shares = e.min(e.ceilDiv(e.index(kTasks), fewest), e.index(panels));
      share = e.mul(e.ceilDiv(e.index(panels), shares), e.shape.panel());
      shares = e.ceilDiv(columns, share);
    }
    blockRows = e.rowsOfTask(rows, e.shape.rows(), e.ceilDiv(e.index(kTasks), shares));
    blocks = e.ceilDiv(rows, blockRows);
  }
  Values extents;
  Value inner = e.mul(blocks, shares), count = inner;
  for (int64_t loop : outer) {
    extents.push_back(nest.size(e, loop));
    count = e.mul(count, extents.back());
  }
  NestOperand output = nest.outputs[0];
  output.memref = out;
  e.tasks(count, parallel, [&](Value task) {
    Values ivs(nest.numLoops());
    Value block = outer.empty() ? task : e.rem(task, inner),
          rest = outer.empty() ? task : e.div(task, inner);
    for (int64_t d = outer.size() - 1; d >= 0; --d) {
      ivs[outer[d]] = d == 0 ? rest : e.rem(rest, extents[d]);
      rest = e.div(rest, extents[d]);
    }
    Value rowBegin = e.index(0), rowEnd = rows, columnBegin = rowBegin, columnEnd = columns;
    if (splits) {
      rowBegin = e.mul(e.div(block, shares), blockRows);
      rowEnd = e.min(e.add(rowBegin, blockRows), rows);
      if (!nest.isDynamic(n)) {
        columnBegin = e.mul(e.rem(block, shares), share);
        columnEnd = e.min(e.add(columnBegin, share), columns);
      }
    }
    OpFoldResult panel = e.b.getIndexAttr(e.shape.panel());
    Value buffer = e.alloc({e.b.getIndexAttr(e.shape.rows()), panel});
    Value packed = readsInPlace() ? Value() : e.alloc({e.b.getIndexAttr(sumBlock()), panel});
    SmallVector<int64_t> reductions;
    for (int64_t loop : nest.loopsOf(false))
      if (loop != k)
        reductions.push_back(loop);
    std::function<void(unsigned)> level = [&](unsigned depth) {
      if (depth == reductions.size())
        return emitBlock(lhs->view(e, ivs), rhs->view(e, ivs), output.view(e, ivs), rowBegin,
                         rowEnd, columnBegin, columnEnd, begin, end, buffer, packed);
      e.forEach(e.index(0), nest.size(e, reductions[depth]), 1, [&](Value iv) {
        ivs[reductions[depth]] = iv;
        level(depth + 1);
      });
    };
    level(0);
    e.free(buffer);
    if (packed)
      e.free(packed);
  });
}

void Contraction::emitBlock(Value left, Value right, Value out, Value rowBegin, Value rowEnd,
                            Value columnBegin, Value columnEnd, Value kBegin, Value kEnd,
                            Value buffer, Value packed) {
  Value columns = nest.size(e, n);
  auto emitPanel = [&](Value column, int64_t vectors) {
    e.forEach(kBegin, kEnd, sumBlock(), [&](Value begin) {
      Value end = e.min(e.add(begin, sumBlock()), kEnd);
      if (packed)
        packPanel(e, right, rhs->dimOf(n) < rhs->dimOf(k), column, e.sub(columns, e.index(1)),
                  begin, e.sub(end, begin), packed, e.index(vectors * e.shape.lanes));
      bool isKnown = !nest.isDynamic(m) && getConstantIntValue(rowBegin) == 0 &&
                     getConstantIntValue(rowEnd) == nest.sizes[m];
      int64_t most = e.shape.rows(), rest = isKnown ? nest.sizes[m] % most : 0;
      Value wholeEnd = isKnown ? e.index(nest.sizes[m] - rest) : rowEnd;
      e.forEach(rowBegin, wholeEnd, most, [&](Value row) {
        emitTile(left, right, out, row, most, isKnown ? Value() : rowEnd, column, vectors, begin,
                 end, buffer, packed);
      });
      if (rest)
        emitTile(left, right, out, wholeEnd, rest, {}, column, vectors, begin, end, buffer, packed);
    });
  };
  int64_t most = e.shape.vectors();
  int64_t vectors = nest.isDynamic(n) ? most : e.shape.vectorsFor(nest.sizes[n]);
  int64_t whole = vectors / most * most;
  Value wholeEnd = nest.isDynamic(n) ? columns : e.index(whole * e.shape.lanes);
  e.forEach(columnBegin, e.min(columnEnd, wholeEnd), e.shape.panel(),
            [&](Value column) { emitPanel(column, most); });
  if (vectors == whole)
    return;
  auto rest = [&] { emitPanel(wholeEnd, vectors - whole); };
  if (getConstantIntValue(columnEnd))
    return rest();
  e.ifThen(e.less(wholeEnd, columnEnd), rest);
}

/// Whether the buffer was made inside of the task.
static bool isLocal(Value memref) {
  auto alloc = rootOf(memref).getDefiningOp<memref::AllocOp>();
  return alloc && alloc->getParentOfType<scf::ParallelOp>();
}

/// Inside of a task over blocks of rows: asks for what the tile's place in the next block reads and
/// writes, one line for each of as many rows as the tile has. Tiles of all panels together cover
/// the block.
void Contraction::prefetchNext(Value left, Value right, Value out, Value row, Value column,
                               Value kBegin) {
  bool overRows = nest.isDynamic(m), overProducts = nest.isDynamic(k);
  if (!e.inTask || overRows == overProducts)
    return;
  bool rowsFirst = lhs->dimOf(m) < lhs->dimOf(k);
  Value base = e.add(overRows ? row : e.add(kBegin, row), kTaskRows);
  auto ask = [&](Value memref, bool writes) {
    if (isLocal(memref))
      return;
    for (int64_t r = 0; r < e.shape.rows(); ++r)
      memref::PrefetchOp::create(e.b, e.loc, memref, Values{e.add(base, r), column}, writes,
                                 /*localityHint=*/3, /*isDataCache=*/true);
  };
  if (overRows == rowsFirst)
    ask(left, false);
  if (overRows)
    ask(out, true);
  else if (rhs->dimOf(k) < rhs->dimOf(n))
    ask(right, false);
}

void Contraction::emitTile(Value left, Value right, Value out, Value row, int64_t tileRows,
                           Value rowEnd, Value column, int64_t vectors, Value kBegin, Value kEnd,
                           Value buffer, Value packed) {
  int64_t lanes = e.shape.lanes;
  bool rowsFirst = lhs->dimOf(m) < lhs->dimOf(k);
  prefetchNext(left, right, out, row, column, kBegin);
  Values rows, columns;
  Value last = rowEnd ? e.sub(rowEnd, e.index(1)) : Value();
  for (int64_t r = 0; r < tileRows; ++r) {
    Value at = e.add(row, r);
    rows.push_back(r == 0 || !rowEnd ? at : e.min(at, last));
  }
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(e.add(column, v * lanes));
  Values sums = e.registerTile(
      tileRows, vectors, kBegin, kEnd, /*distance=*/false,
      [&](int64_t r, Value i) {
        return rowsFirst ? e.load(left, {rows[r], i}) : e.load(left, {i, rows[r]});
      },
      [&](Value i, int64_t v) {
        return packed ? e.loadVector(packed, {e.sub(i, kBegin), e.index(v * lanes)})
                      : e.loadVector(right, {i, columns[v]});
      });
  bool whole = !nest.isDynamic(n) && nest.sizes[n] % lanes == 0;
  Values masks;
  for (int64_t v = 0; v < vectors; ++v)
    masks.push_back(whole ? Value() : e.firstLanes(e.sub(nest.size(e, n), columns[v])));
  auto addTo = [&](Value target, int64_t v, Value sum) {
    Values at{target, columns[v]};
    e.storeVector(e.addf(e.loadVector(out, at, masks[v]), sum), out, at, masks[v]);
  };
  auto wholeTile = [&] {
    for (int64_t r = 0; r < tileRows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        addTo(rows[r], v, sums[r * vectors + v]);
  };
  if (!rowEnd)
    return wholeTile();
  // Rows that repeat the last one must not be added: by way of a buffer.
  auto partOfTile = [&] {
    for (int64_t r = 0; r < tileRows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        e.storeVector(sums[r * vectors + v], buffer, {e.index(r), e.index(v * lanes)});
    e.forEach(e.index(0), e.sub(rowEnd, row), 1, [&](Value r) {
      for (int64_t v = 0; v < vectors; ++v)
        addTo(e.add(row, r), v, e.loadVector(buffer, {r, e.index(v * lanes)}));
    });
  };
  e.ifThen(e.less(rowEnd, e.add(row, tileRows)), partOfTile, wholeTile);
}

} // namespace

bool emitContraction(Emitter &e, const Nest &nest) {
  Type element = nest.outputs[0].elementType();
  bool isDouble = element.isF64();
  Emitter typed(e.b, e.loc, isDouble ? e.shape.forDoubles() : e.shape, isDouble ? element : e.real);
  typed.inTask = e.inTask;
  Contraction contraction{nest, typed};
  if (!contraction.match())
    return false;
  contraction.emit();
  return true;
}

} // namespace attune::tile
