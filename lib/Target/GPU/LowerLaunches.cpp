// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-gpu-lower-launches: what the host does becomes calls of the functions in
// attune/Runtime/Device.h. A launch puts the kernel's parameters into an array, one number of at
// most 64 bits in each place: a memref is its pointer twice, its offset, its sizes and its strides,
// as kernels in the LLVM dialect expect it.

#include "attune/Support/Errors.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/GPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_LOWERLAUNCHESPASS
#include "attune/Target/GPU/Passes.h.inc"

namespace {

class HostBuilder {
public:
  explicit HostBuilder(ModuleOp module)
      : module(module), b(module.getContext()), i64(b.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(b.getContext())) {}
  LogicalResult run();

private:
  LogicalResult convert(mlir::gpu::LaunchFuncOp launch);
  void convert(memref::LoadOp load);
  void convert(memref::GetGlobalOp constant);
  LogicalResult append(Value argument, SmallVectorImpl<Value> &numbers);
  /// The bits of a number as an i64.
  Value bitsOf(Value value);
  /// Room of `count` places at the start of the function.
  Value room(Operation *op, int64_t count);
  void call(StringRef name, ValueRange arguments);

  ModuleOp module;
  OpBuilder b;
  Type i64, pointer;
  Location loc = UnknownLoc::get(b.getContext());
  llvm::MapVector<StringAttr, int64_t> kernels;
  /// How many numbers each takes.
  SmallVector<int64_t> parameters;
};

void HostBuilder::call(StringRef name, ValueRange arguments) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    function =
        func::FuncOp::create(b, module.getLoc(), name, b.getFunctionType(arguments.getTypes(), {}));
    function.setPrivate();
  }
  func::CallOp::create(b, loc, function, arguments);
}

Value HostBuilder::bitsOf(Value value) {
  Type type = value.getType();
  if (type.isIndex())
    return arith::IndexCastOp::create(b, loc, i64, value);
  if (isa<FloatType>(type)) {
    type = b.getIntegerType(type.getIntOrFloatBitWidth());
    value = arith::BitcastOp::create(b, loc, type, value);
  }
  return type == i64 ? value : arith::ExtUIOp::create(b, loc, i64, value).getResult();
}

LogicalResult HostBuilder::append(Value argument, SmallVectorImpl<Value> &numbers) {
  if (argument.getType().isIntOrIndexOrFloat()) {
    numbers.push_back(bitsOf(argument));
    return success();
  }
  if (!isa<MemRefType>(argument.getType()))
    return emitUnsupported(loc) << "a kernel with a parameter of type " << argument.getType()
                                << " is not supported";
  Value address = bitsOf(memref::ExtractAlignedPointerAsIndexOp::create(b, loc, argument));
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, argument);
  numbers.append({address, address, bitsOf(metadata.getOffset())});
  for (ValueRange group : {ValueRange(metadata.getSizes()), ValueRange(metadata.getStrides())})
    for (Value number : group)
      numbers.push_back(bitsOf(number));
  return success();
}

Value HostBuilder::room(Operation *op, int64_t count) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().getBody().front());
  Value number = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(count));
  return LLVM::AllocaOp::create(b, loc, pointer, i64, number, /*alignment=*/8);
}

LogicalResult HostBuilder::convert(mlir::gpu::LaunchFuncOp launch) {
  b.setInsertionPoint(launch);
  loc = launch.getLoc();
  SmallVector<Value> numbers;
  for (Value argument : launch.getKernelOperands())
    if (failed(append(argument, numbers)))
      return failure();
  // 4096 bytes, what all chips have room for.
  constexpr size_t mostParameters = 512;
  if (numbers.size() > mostParameters)
    return launch.emitError("kernel `")
           << launch.getKernelName().getValue() << "` has " << numbers.size()
           << " parameters, more than the " << mostParameters << " that a launch has room for";
  Value slots = room(launch, std::max<int64_t>(numbers.size(), 1));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    Value place =
        LLVM::GEPOp::create(b, loc, pointer, i64, slots, ArrayRef<LLVM::GEPArg>{int32_t(i)});
    LLVM::StoreOp::create(b, loc, number, place);
  }
  auto [kernel, isNew] = kernels.insert({launch.getKernelName(), int64_t(kernels.size())});
  if (isNew)
    parameters.push_back(numbers.size());
  SmallVector<Value> arguments{arith::ConstantIntOp::create(b, loc, kernel->second, 32)};
  mlir::gpu::KernelDim3 grid = launch.getGridSizeOperandValues(),
                        block = launch.getBlockSizeOperandValues();
  for (Value size : {grid.x, grid.y, grid.z, block.x, block.y, block.z})
    arguments.push_back(bitsOf(size));
  Value shared = launch.getDynamicSharedMemorySize();
  arguments.push_back(shared ? bitsOf(shared)
                             : arith::ConstantIntOp::create(b, loc, 0, 64).getResult());
  arguments.push_back(slots);
  call("attune_device_launch", arguments);
  launch.erase();
  return success();
}

/// A number that the host needs from the device.
void HostBuilder::convert(memref::LoadOp load) {
  b.setInsertionPoint(load);
  loc = load.getLoc();
  Type type = load.getType(), stored = type.isIndex() ? i64 : type;
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, load.getMemRef());
  Value linear = metadata.getOffset();
  for (auto [at, stride] : llvm::zip(load.getIndices(), metadata.getStrides()))
    linear = arith::AddIOp::create(b, loc, linear, arith::MulIOp::create(b, loc, at, stride));
  int64_t bytes = (stored.getIntOrFloatBitWidth() + 7) / 8;
  Value width = arith::ConstantIndexOp::create(b, loc, bytes);
  Value place = arith::AddIOp::create(
      b, loc, memref::ExtractAlignedPointerAsIndexOp::create(b, loc, load.getMemRef()),
      arith::MulIOp::create(b, loc, linear, width));
  Value from = LLVM::IntToPtrOp::create(b, loc, pointer, bitsOf(place));
  Value to = room(load, 1);
  call("attune_device_read", {from, to, bitsOf(width)});
  Value value = LLVM::LoadOp::create(b, loc, stored, to);
  if (type.isIndex())
    value = arith::IndexCastOp::create(b, loc, type, value);
  load.replaceAllUsesWith(value);
  load.erase();
}

/// A constant of the program stands in the host's memory: kernels get a copy.
void HostBuilder::convert(memref::GetGlobalOp constant) {
  b.setInsertionPoint(constant);
  loc = constant.getLoc();
  auto type = cast<MemRefType>(constant.getType());
  int64_t bytes = type.getNumElements() *
                  (type.getElementType().isIndex() ? 8 : (type.getElementTypeBitWidth() + 7) / 8);
  auto addressOf = [&](Value memref) -> Value {
    Value address = bitsOf(memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref));
    return LLVM::IntToPtrOp::create(b, loc, pointer, address);
  };
  Value copy = memref::AllocOp::create(b, loc, type);
  Value own = memref::GetGlobalOp::create(b, loc, type, constant.getName());
  call("attune_device_write", {addressOf(copy), addressOf(own),
                               arith::ConstantIntOp::create(b, loc, bytes, 64).getResult()});
  b.setInsertionPoint(constant->getBlock()->getTerminator());
  memref::DeallocOp::create(b, loc, copy);
  constant.replaceAllUsesWith(copy);
  constant.erase();
}

LogicalResult HostBuilder::run() {
  SmallVector<Operation *> ops;
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    if (!function->hasAttr(kKernelAttr))
      function.walk([&](Operation *op) {
        if (isa<mlir::gpu::LaunchFuncOp, memref::LoadOp, memref::StoreOp, memref::GetGlobalOp>(op))
          ops.push_back(op);
      });
  for (Operation *op : ops) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      convert(load);
    else if (auto constant = dyn_cast<memref::GetGlobalOp>(op))
      convert(constant);
    else if (auto launch = dyn_cast<mlir::gpu::LaunchFuncOp>(op)) {
      if (failed(convert(launch)))
        return failure();
    } else
      return emitInternal(op) << "the host writes to memory of the device";
  }
  SmallVector<Attribute> names;
  for (auto &[name, number] : kernels)
    names.push_back(name);
  module->setAttr(kKernelsAttr, b.getArrayAttr(names));
  module->setAttr(kParametersAttr, b.getDenseI64ArrayAttr(parameters));
  module->removeAttr(mlir::gpu::GPUDialect::getContainerModuleAttrName());
  return success();
}

struct LowerLaunchesPass : impl::LowerLaunchesPassBase<LowerLaunchesPass> {
  void runOnOperation() override {
    if (failed(HostBuilder(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace attune
