// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Copies that exchange the contiguous dimension for another one, in square blocks of vectors.
#include "../Nest.h"

#include <limits>

using namespace mlir;

namespace attune::tile {

namespace {

/// Rows of the output in a task.
constexpr int64_t kTaskRowsOut = 64;

/// out[.., row, .., column] = in[.., column, .., row] with `column` contiguous in the output and
/// `row` in the input.
struct Transposition {
  const Nest &nest;
  Emitter &e;
  int64_t row = -1, column = -1;

  bool match() {
    Block &body = nest.op->getRegion(0).front();
    if (nest.inputs.size() != 1 || nest.outputs.size() != 1 || body.getOperations().size() != 1 ||
        body.getTerminator()->getOperand(0) != body.getArgument(0) ||
        !nest.loopsOf(false).empty() || !nest.inputs[0].elementType().isF32())
      return false;
    for (int64_t loop = 0; loop < nest.numLoops(); ++loop) {
      bool isLong = nest.isDynamic(loop) || nest.sizes[loop] >= e.shape.lanes;
      if (isLong && nest.inputs[0].isContiguousIn(loop))
        row = loop;
      if (isLong && nest.outputs[0].isContiguousIn(loop))
        column = loop;
    }
    return column >= 0 && row != column && nest.inputs[0].uses(column) &&
           (row >= 0 ? nest.outputs[0].uses(row) : isScattered());
  }

  /// Without a long row: every loop walks the input, so that it can be read in its own order.
  bool isScattered() const {
    return nest.inputs[0].windows.empty() && nest.numLoops() > 2 &&
           llvm::all_of(nest.loopsOf(true),
                        [&](int64_t loop) { return nest.inputs[0].uses(loop); });
  }

  /// Weights of a convolution, [out][in][3][3] to [3][3][in][out]: a task takes as many columns as
  /// a cache line of the output has, and walks the input in its order, so that each of its lines is
  /// fetched once.
  void emitScattered() {
    constexpr int64_t kLine = 16;
    const NestOperand &in = nest.inputs[0], &out = nest.outputs[0];
    SmallVector<int64_t> order;
    for (int64_t loop : in.loops)
      if (loop >= 0 && loop != column)
        order.push_back(loop);
    bool parallel = nest.product(nest.loopsOf(true), kSmallElements) >= kSmallElements;
    Value columns = nest.size(e, column);
    e.tasks(e.ceilDiv(columns, kLine), parallel, [&](Value task) {
      Value begin = e.mul(task, kLine), end = e.min(e.add(begin, kLine), columns);
      Values ivs(nest.numLoops());
      std::function<void(unsigned)> level = [&](unsigned depth) {
        bool isColumn = depth == order.size();
        int64_t loop = isColumn ? column : order[depth];
        e.forEach(isColumn ? begin : e.index(0), isColumn ? end : nest.size(e, loop), 1,
                  [&](Value iv) {
                    ivs[loop] = iv;
                    if (!isColumn)
                      return level(depth + 1);
                    e.store(e.load(in.memref, in.at(e, ivs)), out.memref, out.at(e, ivs));
                  });
      };
      level(0);
    });
  }

  void emit() {
    SmallVector<int64_t> all = nest.loopsOf(true);
    bool parallel = nest.product(all, kSmallElements) >= kSmallElements;
    Value rows = nest.size(e, row);
    int64_t length = parallel ? kTaskRowsOut : std::numeric_limits<int32_t>::max();
    e.tasks(parallel ? e.ceilDiv(rows, length) : e.index(1), parallel, [&](Value task) {
      Value begin = e.mul(task, length), end = e.min(e.add(begin, length), rows);
      Values ivs(nest.numLoops());
      std::function<void(int64_t)> level = [&](int64_t loop) {
        if (loop == nest.numLoops())
          return emitRows(ivs, begin, end);
        if (loop == row || loop == column)
          return level(loop + 1);
        e.forEach(e.index(0), nest.size(e, loop), 1, [&](Value iv) {
          ivs[loop] = iv;
          level(loop + 1);
        });
        ivs[loop] = {};
      };
      level(0);
    });
  }

  void emitRows(Values ivs, Value begin, Value end) {
    int64_t n = e.shape.lanes;
    const NestOperand &in = nest.inputs[0], &out = nest.outputs[0];
    Value columns = nest.size(e, column), wholeColumns = e.roundDown(columns, n);
    Value wholeRows = e.add(begin, e.roundDown(e.sub(end, begin), n));
    auto single = [&](Value r, Value c) {
      ivs[row] = r;
      ivs[column] = c;
      e.store(e.load(in.memref, in.at(e, ivs)), out.memref, out.at(e, ivs));
    };
    // One vector of the operand along `along`, which starts at (r, c).
    auto line = [&](const NestOperand &access, int64_t along, Value r, Value c) {
      ivs[row] = r;
      ivs[column] = c;
      Value start = ivs[along];
      ivs[along] = {};
      return std::pair(access.view(e, ivs), start);
    };
    e.forEach(begin, wholeRows, n, [&](Value r) {
      e.forEach(e.index(0), wholeColumns, n, [&](Value c) {
        Values block;
        for (int64_t lane = 0; lane < n; ++lane) {
          auto [view, at] = line(in, row, r, e.add(c, lane));
          block.push_back(e.loadVector(view, at));
        }
        for (auto [lane, vector] : llvm::enumerate(transposeBlock(e, block))) {
          auto [view, at] = line(out, column, e.add(r, lane), c);
          e.storeVector(vector, view, at);
        }
      });
      e.forEach(wholeColumns, columns, 1,
                [&](Value c) { e.forEach(r, e.add(r, n), 1, [&](Value at) { single(at, c); }); });
    });
    e.forEach(wholeRows, end, 1,
              [&](Value r) { e.forEach(e.index(0), columns, 1, [&](Value c) { single(r, c); }); });
  }
};

} // namespace

bool emitTransposition(Emitter &e, const Nest &nest) {
  Transposition transposition{nest, e};
  if (!transposition.match())
    return false;
  if (transposition.row < 0)
    transposition.emitScattered();
  else
    transposition.emit();
  return true;
}

} // namespace attune::tile
