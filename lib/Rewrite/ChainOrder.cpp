// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order in which a chain of matrices is multiplied.
#include "Planner.h"

#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune::attn;
using namespace attune::attn::detail;

namespace attune::rewrite {

namespace {
/// Classic matrix-chain dynamic programming over intervals, where a factor is an implicit matrix or
/// a stored product, which must not have growing columns. Times are compared at assumed sizes, so
/// the order is one for all sizes.
class ChainOrder {
public:
  using Time = llvm::function_ref<double(size_t factor, size_t valuesFrom)>;

  ChainOrder(ArrayRef<SizePoly> rows, ArrayRef<SizePoly> columns, SizePoly outer)
      : rows(rows), columns(columns), outer(std::move(outer)) {}

  ChainCuts order(Time storeTime, Time applyTime) {
    size_t count = columns.size();
    best.assign(count, std::vector<double>(count, std::numeric_limits<double>::infinity()));
    cuts.assign(count, std::vector<size_t>(count, 0));
    best[count - 1][count - 1] = 0;
    for (size_t i = 0; i + 1 < count; ++i)
      if (columns[i].getConstant())
        best[i][i] = storeTime(i, i);
    for (size_t length = 2; length <= count; ++length)
      for (size_t i = 0; i + length <= count; ++i)
        orderInterval(i, i + length - 1, applyTime);
    if (std::isinf(best[0][count - 1]))
      return {};
    return cuts;
  }

private:
  void orderInterval(size_t i, size_t j, Time applyTime) {
    if (j + 1 != columns.size() && !columns[j].getConstant())
      return;
    for (size_t cut = i; cut < j; ++cut) {
      if (std::isinf(best[cut + 1][j]))
        continue;
      double time = best[cut + 1][j];
      if (i == cut)
        time += applyTime(i, j);
      else
        time +=
            best[i][cut] + assumedValue(SizePoly(2) * rows[i] * columns[cut] * columns[j] * outer);
      if (time < best[i][j]) {
        best[i][j] = time;
        cuts[i][j] = cut;
      }
    }
  }

  ArrayRef<SizePoly> rows, columns;
  SizePoly outer;
  std::vector<std::vector<double>> best;
  ChainCuts cuts;
};
} // namespace

ChainCuts Planner::orderChain(OpBuilder &b, Location loc, ArrayRef<Factor> factors,
                              const SinkRequest &request) {
  SmallVector<SizePoly> rows, columns;
  int64_t rank = rankOf(request.v);
  // Factors have the heads and batch of the chain, or share one for all.
  SmallVector<OpFoldResult> sizes = mixedSizes(b, loc, request.v);
  SizePoly outer(1);
  for (int64_t dim = 0; dim < rank - 1; ++dim) {
    if (dim == rowDim(rank))
      continue;
    int64_t matrixDim = dim > rowDim(rank) ? dim - 1 : dim;
    Value widest = request.v;
    int64_t widestDim = dim;
    for (const Factor &factor : factors)
      if (cast<ShapedType>(widest.getType()).getDimSize(widestDim) == 1) {
        widest = factor.matrix;
        widestDim = matrixDim;
      }
    sizes[dim] = mixedSizes(b, loc, widest)[widestDim];
    outer = outer * sizeOf(widest, widestDim);
  }
  for (const Factor &factor : factors) {
    int64_t first = factor.transposed ? rank - 1 : rank - 2;
    rows.push_back(sizeOf(factor.matrix, first));
    columns.push_back(sizeOf(factor.matrix, 2 * rank - 3 - first));
  }
  columns.push_back(sizeOf(request.v, rank - 1));
  rows.push_back(sizeOf(request.v, rowDim(rank)));

  constexpr double kNever = std::numeric_limits<double>::infinity();
  auto time = [&](PlanNode *node) { return node ? node->times.front() : kNever; };
  auto storeTime = [&](size_t i, size_t) {
    return time(plan(factors[i].matrix, StreamSink{SinkKind::Materialize, {}}, loc,
                     Freedom::Settled, true));
  };
  auto applyTime = [&](size_t i, size_t j) {
    SmallVector<OpFoldResult> of(sizes);
    of[rowDim(rank)] =
        mixedSizes(b, loc, factors[i].matrix)[factors[i].transposed ? rank - 2 : rank - 1];
    if (j + 1 != columns.size())
      of[rank - 1] = b.getIndexAttr(*columns[j].getConstant());
    Value values = buildEmpty(b, loc, of, b.getF32Type());
    return time(plan(factors[i].matrix,
                     StreamSink{SinkKind::Apply, {values, {}, {}, factors[i].transposed}}, loc,
                     Freedom::Settled, false));
  };
  return ChainOrder(rows, columns, outer).order(storeTime, applyTime);
}

} // namespace attune::rewrite
