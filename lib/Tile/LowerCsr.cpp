// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// nn.csr as a counting sort: offsets[r + 1] first counts the edges of row r; running sums make
// offsets[r] the row's begin. Edges are then put in place while offsets[r] counts up, so that each
// ends as the begin of the next row, and a last loop shifts the offsets back by one place.
#include "Emitter.h"

#include "attune/Tile/Passes.h"
#include "dialects/NN/NN.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LOWERCSRPASS
#include "attune/Tile/Passes.h.inc"

namespace {

void lower(nn::CsrOp op) {
  OpBuilder b(op);
  tile::Emitter e(b, op.getLoc(), {});
  Value list = op.getEdgeIndex(), offsets = op.getOffsets();
  Value zero = e.index(0), one = e.index(1);
  Value count = e.dim(list, 1), rows = e.sub(e.dim(offsets, 0), one);
  auto number = [&](int64_t value, Type type) -> Value {
    return arith::ConstantOp::create(b, e.loc, b.getIntegerAttr(type, value));
  };
  Type i64 = b.getI64Type(), i32 = b.getI32Type();
  auto forEdges = [&](function_ref<void(Value edge, Value source, Value row)> body) {
    e.forEach(zero, count, 1, [&](Value edge) {
      Value source = e.load(list, {zero, edge}), target = e.load(list, {one, edge});
      if (op.getBySource())
        std::swap(source, target);
      auto visit = [&] { body(edge, source, e.toIndex(target)); };
      if (!op.getDropSelfLoops())
        return visit();
      e.ifThen(arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ne, source, target), visit);
    });
  };
  auto increment = [&](Value at) {
    Value before = e.load(offsets, at);
    e.store(arith::AddIOp::create(b, e.loc, before, number(1, i64)), offsets, at);
    return before;
  };

  e.forEach(zero, e.add(rows, 1), 1, [&](Value r) { e.store(number(0, i64), offsets, r); });
  forEdges([&](Value, Value, Value row) { increment(e.add(row, 1)); });
  Value total = e.fold(one, e.add(rows, 1), 1, {number(0, i64)}, [&](Value r, ValueRange sum) {
    Value next = arith::AddIOp::create(b, e.loc, sum[0], e.load(offsets, r));
    e.store(next, offsets, r);
    return tile::Values{next};
  })[0];
  forEdges([&](Value edge, Value source, Value row) {
    Value place = e.toIndex(increment(row));
    e.store(arith::TruncIOp::create(b, e.loc, i32, source), op.getColumns(), place);
    e.store(arith::IndexCastOp::create(b, e.loc, i32, edge), op.getEdges(), place);
  });
  e.fold(zero, rows, 1, {number(0, i64)}, [&](Value r, ValueRange begin) {
    Value next = e.load(offsets, r);
    e.store(begin[0], offsets, r);
    return tile::Values{next};
  });
  if (op.getDropSelfLoops())
    e.forEach(e.toIndex(total), count, 1, [&](Value place) {
      e.store(number(0, i32), op.getColumns(), place);
      e.store(number(0, i32), op.getEdges(), place);
    });
  op.erase();
}

struct LowerCsrPass : impl::LowerCsrPassBase<LowerCsrPass> {
  using LowerCsrPassBase::LowerCsrPassBase;

  void runOnOperation() override {
    SmallVector<nn::CsrOp> ops;
    getOperation().walk([&](nn::CsrOp op) { ops.push_back(op); });
    for (nn::CsrOp op : ops) {
      if (isa<TensorType>(op.getEdgeIndex().getType())) {
        op.emitOpError("has tensor operands, expected memrefs (bufferize first)");
        return signalPassFailure();
      }
      lower(op);
    }
  }
};

} // namespace
} // namespace attune
