// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Launches. Grids are one-dimensional in x up to 2^31 - 1 blocks; the driver checks that.
#include "Launch.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace attune::tile {

/// A name that no other launch of the function has.
static std::string uniqueName(Operation *function, StringRef name) {
  int64_t number = 0;
  function->walk([&](gpu::LaunchOp) { ++number; });
  return (SymbolTable::getSymbolName(function).getValue() + "_" + name + Twine(number)).str();
}

void emitLaunch(Emitter &e, StringRef name, const Grid &grid,
                function_ref<void(Value, ValueRange)> body) {
  OpBuilder &b = e.b;
  Value one = e.index(1);
  auto orOne = [&](Value v) { return v ? v : one; };
  Value shared;
  if (grid.shared)
    shared = arith::ConstantIntOp::create(b, e.loc, grid.shared, 32);
  Operation *parent = b.getInsertionBlock()->getParentOp();
  if (!isa<func::FuncOp>(parent))
    parent = parent->getParentOfType<func::FuncOp>();
  std::string unique = uniqueName(parent, name);
  auto launch = gpu::LaunchOp::create(b, e.loc, grid.x, orOne(grid.y), orOne(grid.z),
                                      e.index(grid.threads), one, one, shared, Type(), ValueRange(),
                                      TypeRange(), TypeRange(), Value(), Value(), Value(),
                                      FlatSymbolRefAttr::get(b.getContext(), kKernelModule),
                                      FlatSymbolRefAttr::get(b.getContext(), unique));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&launch.getBody().front());
  auto dimension = [](int d) { return gpu::Dimension(d); };
  Value thread = gpu::ThreadIdOp::create(b, e.loc, dimension(0), b.getIndexAttr(grid.threads));
  Values block{gpu::BlockIdOp::create(b, e.loc, dimension(0))};
  block.push_back(grid.y ? gpu::BlockIdOp::create(b, e.loc, dimension(1)).getResult() : e.index(0));
  block.push_back(grid.z ? gpu::BlockIdOp::create(b, e.loc, dimension(2)).getResult() : e.index(0));
  body(thread, block);
  gpu::TerminatorOp::create(b, e.loc);
}

void emitForEach(Emitter &e, StringRef name, Value count, int64_t threads,
                 function_ref<void(Value)> body) {
  Grid grid{e.ceilDiv(count, threads)};
  grid.threads = threads;
  emitLaunch(e, name, grid, [&](Value thread, ValueRange block) {
    Value id = e.add(e.mul(block[0], threads), thread);
    e.ifThen(e.less(id, count), [&] { body(id); });
  });
}

Values delinearize(Emitter &e, Value linear, ValueRange extents) {
  Values position(extents.size());
  Value rest = linear;
  for (int64_t d = int64_t(extents.size()) - 1; d >= 0; --d) {
    position[d] = d == 0 ? rest : e.rem(rest, extents[d]);
    if (d > 0)
      rest = e.div(rest, extents[d]);
  }
  return position;
}

} // namespace attune::tile
