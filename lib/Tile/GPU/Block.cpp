// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Block.h"

#include "attune/Support/PassAttrs.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;

namespace attune::tile {

static gpu::AddressSpaceAttr workgroup(MLIRContext *context) {
  return gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Workgroup);
}

bool isAlignedToFours(Value matrix) {
  // Buffers begin at multiples of 16 bytes; what lies between them and the view must be fours.
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(matrix.getType());
  if (failed(type.getStridesAndOffset(strides, offset)) || strides.empty() || strides.back() != 1 ||
      ShapedType::isDynamic(type.getShape().back()) || type.getShape().back() % 4)
    return false;
  for (int64_t stride : ArrayRef(strides).drop_back())
    if (ShapedType::isDynamic(stride) || stride % 4)
      return false;
  if (!ShapedType::isDynamic(offset))
    return offset % 4 == 0;
  // The offset of a view of one head: heads times the width.
  auto view = matrix.getDefiningOp<memref::SubViewOp>();
  if (!view || !isAlignedToFours(view.getSource()))
    return false;
  auto [inner, ignored] = cast<MemRefType>(view.getSource().getType()).getStridesAndOffset();
  for (auto [at, stride] : llvm::zip(view.getMixedOffsets(), inner)) {
    std::optional<int64_t> known = getConstantIntValue(at);
    if (stride % 4 && !(known && *known * stride % 4 == 0))
      return false;
  }
  return true;
}

void BlockEmitter::allocate(ArrayRef<SharedTile *> tiles) {
  OpBuilder &b = e.b;
  Attribute space = workgroup(b.getContext());
  if (!shared)
    shared = gpu::DynamicSharedMemoryOp::create(
        b, e.loc, MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), AffineMap(), space));
  for (SharedTile *tile : tiles) {
    auto type = MemRefType::get({tile->rows, tile->stride}, b.getF32Type(), AffineMap(), space);
    tile->memref =
        memref::ViewOp::create(b, e.loc, type, shared, e.index(tile->offset), ValueRange());
  }
}

void BlockEmitter::barrier() { gpu::BarrierOp::create(e.b, e.loc); }

void BlockEmitter::warpBarrier() {
  if (!asyncCopies)
    return barrier();
  NVVM::SyncWarpOp::create(e.b, e.loc, arith::ConstantIntOp::create(e.b, e.loc, -1, 32));
}

void BlockEmitter::copy(const TileSource &source, const SharedTile &tile) {
  OpBuilder &b = e.b;
  int64_t width = isAlignedToFours(source.matrix) ? 4 : 1;
  int64_t inRow = tile.columns / width, count = tile.rows * inRow;
  Value lastRow = e.max(e.sub(e.dim(source.matrix, 0), e.index(1)), e.index(0));
  Value lastColumn = e.max(e.sub(e.dim(source.matrix, 1), e.index(width)), e.index(0));
  e.forEach(thread, e.index(count), threads, [&](Value piece) {
    Value row = e.div(piece, inRow), column = e.mul(e.rem(piece, e.index(inRow)), width);
    Value fromRow = e.add(source.rowBegin, row), fromColumn = e.add(source.columnBegin, column);
    // How many of the numbers are there.
    Value left = e.max(e.sub(source.columnEnd, fromColumn), e.index(0));
    Value there = e.min(left, e.index(width));
    if (width == 4) // tails of fours are whole
      there = e.select(e.less(fromColumn, source.columnEnd), e.index(4), e.index(0));
    there = e.select(e.less(fromRow, source.rowEnd), there, e.index(0));
    Values from{e.min(fromRow, lastRow), e.min(fromColumn, lastColumn)}, to{row, column};
    if (asyncCopies) {
      auto copy = nvgpu::DeviceAsyncCopyOp::create(
          b, e.loc, nvgpu::DeviceAsyncTokenType::get(b.getContext()), tile.memref, to,
          source.matrix, from, b.getIndexAttr(width), there,
          width == 4 ? b.getUnitAttr() : UnitAttr());
      (void)copy;
      return;
    }
    Value isThere = e.less(e.index(0), there);
    if (width == 1) {
      Value number = e.select(isThere, e.load(source.matrix, from), e.f32(0.0));
      e.store(number, tile.memref, to);
      return;
    }
    auto four = VectorType::get({4}, b.getF32Type());
    Value zero = arith::ConstantOp::create(b, e.loc, b.getZeroAttr(four));
    Value numbers = vector::LoadOp::create(b, e.loc, four, source.matrix, from,
                                           /*nontemporal=*/false, llvm::Align(16));
    vector::StoreOp::create(b, e.loc, e.select(isThere, numbers, zero), tile.memref, to,
                            /*nontemporal=*/false, llvm::Align(16));
  });
}

void BlockEmitter::commit() {
  if (!asyncCopies)
    return;
  auto made = nvgpu::DeviceAsyncCreateGroupOp::create(
      e.b, e.loc, nvgpu::DeviceAsyncTokenType::get(e.b.getContext()), ValueRange());
  // The op's text without a token is taken for one that goes on in the next line.
  made->setAttr(kCommitAttr, e.b.getUnitAttr());
  if (!token)
    token = made;
}

void BlockEmitter::wait(int64_t pending) {
  // The op wants a token, but what it waits for are numbers of groups.
  if (asyncCopies)
    nvgpu::DeviceAsyncWaitOp::create(e.b, e.loc, token, e.b.getI32IntegerAttr(pending));
}

Value BlockEmitter::loadShared(const SharedTile &tile, Value row, Value column) {
  return e.load(tile.memref, {row, column});
}

Value BlockEmitter::loadShared(const SharedTile &tile, Value row, Value column, int64_t width) {
  auto type = VectorType::get({width}, e.b.getF32Type());
  return vector::LoadOp::create(e.b, e.loc, type, tile.memref, ValueRange{row, column},
                                /*nontemporal=*/false, llvm::Align(width * 4));
}

void BlockEmitter::storeShared(Value value, const SharedTile &tile, Value row, Value column) {
  e.store(value, tile.memref, {row, column});
}

Value BlockEmitter::shuffle(gpu::ShuffleMode mode, Value value, Value offset) {
  Value width = arith::ConstantIntOp::create(e.b, e.loc, kWarp, 32);
  return gpu::ShuffleOp::create(e.b, e.loc, value, offset, width, mode).getShuffleResult();
}

Value BlockEmitter::shuffleXor(Value value, int64_t mask) {
  return shuffle(gpu::ShuffleMode::XOR, value, arith::ConstantIntOp::create(e.b, e.loc, mask, 32));
}

Value BlockEmitter::joinLanes(Value value, int64_t lanes, function_ref<Value(Value, Value)> join) {
  for (int64_t mask = 1; mask < lanes; mask *= 2)
    value = join(value, shuffleXor(value, mask));
  return value;
}

} // namespace attune::tile
