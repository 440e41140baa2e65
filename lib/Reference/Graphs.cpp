// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Batches of graphs: pools over segments, hop distances, and the matrices made of tables of blocks.

#include "Planes.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Graph.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

/// Fails where offsets do not go up from 0 to `total`.
static LogicalResult checkOffsets(Operation *op, Frame &frame, StringRef name,
                                  const Tensor &offsets, int64_t total) {
  bool isGood = !offsets.i.empty() && offsets.i.front() == 0 && offsets.i.back() == total &&
                std::is_sorted(offsets.i.begin(), offsets.i.end());
  if (isGood)
    return success();
  return frame.fail(op, "`" + name + "` must go up from 0 to " + Twine(total));
}

static LogicalResult evaluateSegmentPool(Operation *op, Frame &frame) {
  nn::SegmentPoolOp pool = cast<nn::SegmentPoolOp>(op);
  if (pool->getNumResults() != 1)
    return frame.failUnsupported(op, "`nn.segment_pool` on memrefs has no reference evaluation");
  const Tensor &x = frame.tensor(pool.getX()), &offsets = frame.tensor(pool.getOffsets());
  int64_t segments = offsets.elements() - 1, width = x.shape[1];
  Tensor out = Tensor::floats({segments, width});
  for (int64_t g = 0; g < segments; ++g) {
    int64_t begin = offsets.i[g], end = offsets.i[g + 1];
    if (begin < 0 || end > x.shape[0])
      return frame.fail(op, "segment " + Twine(g) + " has rows " + Twine(begin) + " to " +
                                Twine(end) + " of " + Twine(x.shape[0]));
    for (int64_t c = 0; c < width && begin < end; ++c) {
      double joined = pool.getKind() == nn::PoolKind::Max ? -INFINITY : 0;
      for (int64_t i = begin; i < end; ++i) {
        double value = x.f[i * width + c];
        if (pool.getKind() != nn::PoolKind::Max)
          joined += value;
        else if (std::isnan(value) || value > joined)
          joined = value;
      }
      out.f[g * width + c] =
          pool.getKind() == nn::PoolKind::Mean ? joined / double(end - begin) : joined;
    }
  }
  frame.set(pool.getResult(0), std::move(out));
  return success();
}

namespace {
constexpr int64_t kUnreachable = nn::HopTableOp::kUnreachable;

/// Hop distances of all pairs inside each graph; graph g's block is row-major.
using Blocks = std::vector<std::vector<int64_t>>;
} // namespace

static FailureOr<Blocks> findHops(Operation *op, Frame &frame, const Tensor &offsets,
                                  const Tensor &columns, const Tensor &graphs) {
  int64_t rows = offsets.elements() - 1;
  if (failed(checkOffsets(op, frame, "graph_offsets", graphs, rows)))
    return failure();
  for (int64_t row = 0; row < rows; ++row)
    if (offsets.i[row] < 0 || offsets.i[row] > offsets.i[row + 1] ||
        offsets.i[row + 1] > columns.elements())
      return frame.fail(op, "row " + Twine(row) + " has edges " + Twine(offsets.i[row]) + " to " +
                                Twine(offsets.i[row + 1]));
  Blocks blocks;
  for (size_t g = 0; g + 1 < graphs.i.size(); ++g) {
    int64_t begin = graphs.i[g], size = graphs.i[g + 1] - begin;
    std::vector<int64_t> block(size * size, kUnreachable);
    for (int64_t source = 0; source < size; ++source) {
      int64_t *hops = block.data() + source * size;
      std::vector<int64_t> reached{source};
      std::vector<bool> seen(size);
      seen[source] = true;
      hops[source] = 0;
      int64_t distance = 0;
      while (!reached.empty()) {
        ++distance;
        std::vector<int64_t> next;
        for (int64_t node : reached)
          for (int64_t e = offsets.i[begin + node]; e < offsets.i[begin + node + 1]; ++e) {
            int64_t other = columns.i[e] - begin;
            if (other < 0 || other >= size || seen[other])
              continue;
            seen[other] = true;
            hops[other] = std::min(distance, kUnreachable);
            next.push_back(other);
          }
        reached = std::move(next);
      }
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

/// 2 where a path that exists is longer than one byte holds.
static int64_t bytesPerPair(const std::vector<int64_t> &block) {
  return llvm::any_of(block, [](int64_t hops) { return hops > 254 && hops < kUnreachable; }) ? 2
                                                                                             : 1;
}

static LogicalResult evaluateHopLayout(Operation *op, Frame &frame) {
  nn::HopLayoutOp layout = cast<nn::HopLayoutOp>(op);
  if (layout->getNumResults() != 1)
    return frame.failUnsupported(op, "`nn.hop_layout` on memrefs has no reference evaluation");
  FailureOr<Blocks> blocks =
      findHops(op, frame, frame.tensor(layout.getOffsets()), frame.tensor(layout.getColumns()),
               frame.tensor(layout.getGraphOffsets()));
  if (failed(blocks))
    return failure();
  Tensor starts = Tensor::integers({int64_t(blocks->size()) + 1});
  for (auto [g, block] : llvm::enumerate(*blocks))
    starts.i[g + 1] = starts.i[g] + bytesPerPair(block) * int64_t(block.size());
  frame.set(layout.getResult(0), std::move(starts));
  return success();
}

static LogicalResult evaluateHopTable(Operation *op, Frame &frame) {
  nn::HopTableOp table = cast<nn::HopTableOp>(op);
  if (table->getNumResults() != 1)
    return frame.failUnsupported(op, "`nn.hop_table` on memrefs has no reference evaluation");
  const Tensor &starts = frame.tensor(table.getStarts());
  FailureOr<Blocks> blocks =
      findHops(op, frame, frame.tensor(table.getOffsets()), frame.tensor(table.getColumns()),
               frame.tensor(table.getGraphOffsets()));
  if (failed(blocks))
    return failure();
  Tensor bytes = Tensor::integers(frame.tensor(table.getInit()).shape);
  for (auto [g, block] : llvm::enumerate(*blocks)) {
    int64_t start = starts.i[g], pairs = block.size();
    if (starts.i[g + 1] > bytes.elements())
      return frame.fail(op, "`outs` has " + Twine(bytes.elements()) + " bytes, expected " +
                                Twine(starts.i[g + 1]));
    bool isNarrow = starts.i[g + 1] - start == pairs;
    for (auto [at, hops] : llvm::enumerate(block)) {
      bytes.i[start + at] =
          isNarrow ? std::min<int64_t>(hops, nn::HopTableOp::kUnreachableByte) : hops & 255;
      if (!isNarrow)
        bytes.i[start + pairs + at] = hops >> 8;
    }
  }
  // Integers are kept sign-extended.
  for (int64_t &byte : bytes.i)
    byte = int8_t(byte);
  frame.set(table.getResult(0), std::move(bytes));
  return success();
}

/// A block diagonal matrix [1.., N, N].
static Matrix blockDiagonal(Type type, const Tensor &offsets, int64_t rows,
                            llvm::function_ref<double(size_t g, int64_t at)> element) {
  Shape shape(cast<ShapedType>(type).getRank(), 1);
  shape[shape.size() - 2] = shape[shape.size() - 1] = rows;
  Matrix matrix = Matrix::absent(shape);
  for (size_t g = 0; g + 1 < offsets.i.size(); ++g) {
    int64_t begin = offsets.i[g], size = offsets.i[g + 1] - begin;
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        int64_t entry = (begin + i) * rows + begin + j;
        matrix.present[entry] = 1;
        matrix.values[entry] = element(g, i * size + j);
      }
  }
  return matrix;
}

double blockElement(const Tensor &table, bool compact, int64_t start, int64_t end, int64_t pairs,
                    int64_t at) {
  if (!compact)
    return table.isFloat ? table.f[start + at] : double(table.i[start + at]);
  int64_t low = table.i[start + at] & 255;
  if (end - start == pairs)
    return double(low == nn::HopTableOp::kUnreachableByte ? kUnreachable : low);
  return double(low | (table.i[start + pairs + at] & 255) << 8);
}

static LogicalResult evaluateBlocks(Operation *op, Frame &frame) {
  attn::BlocksOp blocks = cast<attn::BlocksOp>(op);
  const Tensor &table = frame.tensor(blocks.getTable()),
               &offsets = frame.tensor(blocks.getOffsets());
  int64_t rows = frame.integer(blocks.getSize());
  if (failed(checkOffsets(op, frame, "offsets", offsets, rows)))
    return failure();
  bool compact = static_cast<bool>(blocks.getStarts());
  std::vector<int64_t> starts(1);
  for (size_t g = 0; g + 1 < offsets.i.size(); ++g) {
    int64_t size = offsets.i[g + 1] - offsets.i[g];
    starts.push_back(starts.back() + size * size);
  }
  if (compact)
    starts = frame.tensor(blocks.getStarts()).i;
  if (starts.size() != offsets.i.size() || starts.back() > table.elements() ||
      (!compact && starts.back() != table.elements()))
    return frame.fail(op, "`table` has " + Twine(table.elements()) + " elements, expected " +
                              Twine(starts.back()));
  if (blocks.getNumClasses() && !compact)
    for (int64_t value : table.i)
      if (value < 0 || value >= int64_t(*blocks.getNumClasses()))
        return frame.fail(op, "`table` holds " + Twine(value) + ", expected below " +
                                  Twine(*blocks.getNumClasses()));
  frame.set(blocks.getResult(),
            blockDiagonal(blocks.getType(), offsets, rows, [&](size_t g, int64_t at) {
              int64_t size = offsets.i[g + 1] - offsets.i[g];
              return blockElement(table, compact, starts[g], starts[g + 1], size * size, at);
            }));
  return success();
}

static LogicalResult evaluateHops(Operation *op, Frame &frame) {
  attn::HopsOp hops = cast<attn::HopsOp>(op);
  const Tensor &offsets = frame.tensor(hops.getOffsets()),
               &graphs = frame.tensor(hops.getGraphOffsets());
  FailureOr<Blocks> blocks = findHops(op, frame, offsets, frame.tensor(hops.getColumns()), graphs);
  if (failed(blocks))
    return failure();
  frame.set(hops.getResult(),
            blockDiagonal(hops.getType(), graphs, offsets.elements() - 1,
                          [&](size_t g, int64_t at) { return double((*blocks)[g][at]); }));
  return success();
}

void registerGraphs(Registry &registry) {
  registry.add("nn.segment_pool", evaluateSegmentPool);
  registry.add("nn.hop_layout", evaluateHopLayout);
  registry.add("nn.hop_table", evaluateHopTable);
  registry.add("attn.blocks", evaluateBlocks);
  registry.add("attn.hops", evaluateHops);
}

} // namespace attune::reference
