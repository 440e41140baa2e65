// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attune-gpu-emulate: kernels become functions that run one thread of one block on the CPU. What a
// processor gives (ids, shared memory, barriers, lanes of a warp, asynchronous copies, matrix
// operations) becomes calls of the emulator, and every access to memory is announced to it with the
// place in the source. Only a closed list of ops is known; another one is an error here, before any
// number is computed.

#include "attune/Runtime/Device.h"
#include "attune/Support/PassAttrs.h"
#include "attune/Target/Emulator/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace attune {
#define GEN_PASS_DEF_EMULATEKERNELSPASS
#include "attune/Target/Emulator/Passes.h.inc"

namespace {

/// The type without a memory space.
Type plain(Type type) {
  if (auto memref = dyn_cast<MemRefType>(type))
    return MemRefType::get(memref.getShape(), memref.getElementType(), memref.getLayout());
  return type;
}

/// The file position that a location stands for; none for generated code.
FileLineColLoc positionOf(Location location) {
  FileLineColLoc found;
  location->walk([&](Location inner) {
    if (auto file = dyn_cast<FileLineColLoc>(inner)) {
      found = file;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return found;
}

class Emulation {
public:
  explicit Emulation(ModuleOp module) : module(module), b(module.getContext()) {}
  LogicalResult run();

private:
  LogicalResult convert(mlir::gpu::GPUFuncOp kernel);
  LogicalResult convertOp(Operation *op, bool &waits);
  LogicalResult convertProduct(NVVM::MmaOp op);
  Value roundBits(Value number, int64_t count, bool toEven);
  void announce(Operation *op, Value memref, ValueRange indices, Type type, int32_t kind);
  /// Address of an element and whether it and the `width` - 1 behind it are inside.
  std::pair<Value, Value> address(Value memref, ValueRange indices, int64_t width);

  Value i32(int64_t value) { return arith::ConstantIntOp::create(b, loc, value, 32); }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value site();
  func::CallOp call(StringRef name, TypeRange results, ValueRange arguments);
  void replaceByCall(Operation *op, StringRef name, ValueRange arguments) {
    func::CallOp made = call("attune_emulator_" + name.str(), op->getResultTypes(), arguments);
    op->replaceAllUsesWith(made.getResults());
    op->erase();
  }
  Value tokenFor(Type type) {
    return UnrealizedConversionCastOp::create(b, loc, type, ValueRange(i32(0))).getResult(0);
  }

  ModuleOp module;
  OpBuilder b;
  Location loc = UnknownLoc::get(b.getContext());
  llvm::MapVector<Attribute, int64_t> sites;
  /// Ten words of the kernel that is converted, for operations of a warp.
  Value words;
};

func::CallOp Emulation::call(StringRef name, TypeRange results, ValueRange arguments) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    function = func::FuncOp::create(b, module.getLoc(), name,
                                    b.getFunctionType(arguments.getTypes(), results));
    function.setPrivate();
  }
  return func::CallOp::create(b, loc, function, arguments);
}

Value Emulation::site() {
  std::string text = "generated code";
  if (FileLineColLoc at = positionOf(loc))
    text = (llvm::sys::path::filename(at.getFilename().getValue()) + ":" + Twine(at.getLine()) +
            ":" + Twine(at.getColumn()))
               .str();
  auto [it, isNew] = sites.insert({b.getStringAttr(text), int64_t(sites.size())});
  return i32(it->second);
}

std::pair<Value, Value> Emulation::address(Value memref, ValueRange indices, int64_t width) {
  auto type = cast<MemRefType>(memref.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, memref);
  Value linear = metadata.getOffset();
  Value inside = arith::ConstantIntOp::create(b, loc, 1, 1);
  for (auto [d, at] : llvm::enumerate(indices)) {
    linear = arith::AddIOp::create(b, loc, linear,
                                   arith::MulIOp::create(b, loc, at, metadata.getStrides()[d]));
    Value last = at;
    if (d + 1 == indices.size() && width > 1)
      last = arith::AddIOp::create(b, loc, at, index(width - 1));
    Value below =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, last, metadata.getSizes()[d]);
    inside = arith::AndIOp::create(b, loc, inside, below);
  }
  int64_t bytes = type.getElementType().isIndex() ? 8 : (type.getElementTypeBitWidth() + 7) / 8;
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref);
  Value place =
      arith::AddIOp::create(b, loc, base, arith::MulIOp::create(b, loc, linear, index(bytes)));
  Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), place);
  Value pointer =
      LLVM::IntToPtrOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext()), number);
  return {pointer, arith::ExtUIOp::create(b, loc, b.getI32Type(), inside)};
}

void Emulation::announce(Operation *op, Value memref, ValueRange indices, Type type, int32_t kind) {
  int64_t width = 1;
  Type element = type;
  if (auto vector = dyn_cast<VectorType>(type)) {
    width = vector.getNumElements();
    element = vector.getElementType();
  }
  auto [pointer, inside] = address(memref, indices, width);
  int64_t bytes = element.isIndex() ? 8 : (element.getIntOrFloatBitWidth() + 7) / 8;
  call("attune_emulator_access", {}, {pointer, i32(width * bytes), i32(kind), inside, site()});
}

/// The number's bits without the lowest `count`, rounded to nearest. NaN stays NaN.
Value Emulation::roundBits(Value number, int64_t count, bool toEven) {
  Value bits = arith::BitcastOp::create(b, loc, b.getI32Type(), number);
  Value half = i32((int64_t(1) << (count - 1)) - (toEven ? 1 : 0));
  if (toEven) {
    Value last = arith::ShRUIOp::create(b, loc, bits, i32(count));
    half = arith::AddIOp::create(b, loc, half, arith::AndIOp::create(b, loc, last, i32(1)));
  }
  Value rounded = arith::AndIOp::create(b, loc, arith::AddIOp::create(b, loc, bits, half),
                                        i32(-(int64_t(1) << count)));
  Value isNan = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, number, number);
  return arith::SelectOp::create(b, loc, isNan, i32(0x7fff0000), rounded);
}

/// mma.sync on i32 words and f32 sums: the words go through memory of the thread.
LogicalResult Emulation::convertProduct(NVVM::MmaOp op) {
  NVVM::MMAShapeAttr shape = op.getShape();
  std::optional<NVVM::MMATypes> type = op.getMultiplicandAPtxType();
  bool isBfloat = type == NVVM::MMATypes::bf16 && shape.getK() == 16;
  bool isTfloat = type == NVVM::MMATypes::tf32 && shape.getK() == 8;
  if (op.getMultiplicandBPtxType() != type || !(isBfloat || isTfloat) || shape.getM() != 16 ||
      shape.getN() != 8)
    return op->emitError("this matrix product cannot be emulated, expected m16n8k16 of bf16 or "
                         "m16n8k8 of tf32");
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  if (!words) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().getBody().front());
    words = LLVM::AllocaOp::create(b, loc, pointer, b.getI32Type(), i32(10));
  }
  auto at = [&](int64_t i) {
    return LLVM::GEPOp::create(b, loc, pointer, b.getI32Type(), words,
                               ArrayRef<LLVM::GEPArg>{int32_t(i)});
  };
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    LLVM::StoreOp::create(b, loc, operand, at(i));
  call("attune_emulator_collective", {},
       {i32(isBfloat ? attune_collective_mma_bf16 : attune_collective_mma_tf32), i32(0),
        LLVM::ZeroOp::create(b, loc, pointer), i32(1), words, site()});
  Value result = LLVM::UndefOp::create(b, loc, op.getType());
  for (int64_t i = 0; i < 4; ++i) {
    Value number = LLVM::LoadOp::create(b, loc, b.getF32Type(), at(i));
    result = LLVM::InsertValueOp::create(b, loc, result, number, ArrayRef<int64_t>{i});
  }
  op.replaceAllUsesWith(result);
  op.erase();
  return success();
}

LogicalResult Emulation::convertOp(Operation *op, bool &waits) {
  b.setInsertionPoint(op);
  loc = op->getLoc();
  auto id = [&](int32_t kind) {
    Value number = call("attune_emulator_id", b.getI64Type(), i32(kind)).getResult(0);
    op->getResult(0).replaceAllUsesWith(
        arith::IndexCastOp::create(b, loc, b.getIndexType(), number));
    op->erase();
  };
  using namespace mlir::gpu;
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ThreadIdOp>([&](auto id_) { return id(int(id_.getDimension())), success(); })
      .Case<BlockIdOp>([&](auto id_) { return id(3 + int(id_.getDimension())), success(); })
      .Case<BlockDimOp>([&](auto id_) { return id(6 + int(id_.getDimension())), success(); })
      .Case<GridDimOp>([&](auto id_) { return id(9 + int(id_.getDimension())), success(); })
      .Case<ReturnOp>([&](auto) {
        func::ReturnOp::create(b, loc);
        op->erase();
        return success();
      })
      .Case<BarrierOp>([&](auto) {
        waits = true;
        return replaceByCall(op, "barrier", site()), success();
      })
      .Case<NVVM::SyncWarpOp>([&](auto) {
        waits = true;
        return replaceByCall(op, "warp_barrier", site()), success();
      })
      .Case<DynamicSharedMemoryOp>([&](auto shared) {
        Value base = call("attune_emulator_shared", LLVM::LLVMPointerType::get(b.getContext()), {})
                         .getResult(0);
        // A descriptor by hand: bytes without a bound of their own; the emulator knows the block's.
        auto type = cast<MemRefType>(op->getResult(0).getType());
        auto structType = LLVM::LLVMStructType::getLiteral(
            b.getContext(), {base.getType(), base.getType(), b.getI64Type(),
                             LLVM::LLVMArrayType::get(b.getI64Type(), 1),
                             LLVM::LLVMArrayType::get(b.getI64Type(), 1)});
        Value descriptor = LLVM::UndefOp::create(b, loc, structType);
        auto number = [&](int64_t value) {
          return LLVM::ConstantOp::create(b, loc, b.getI64Type(), value);
        };
        auto insert = [&](Value value, ArrayRef<int64_t> at) {
          descriptor = LLVM::InsertValueOp::create(b, loc, descriptor, value, at);
        };
        insert(base, {0});
        insert(base, {1});
        insert(number(0), {2});
        insert(number(int64_t(1) << 31), {3, 0});
        insert(number(1), {4, 0});
        op->getResult(0).replaceAllUsesWith(
            UnrealizedConversionCastOp::create(b, loc, type, ValueRange(descriptor)).getResult(0));
        op->erase();
        return success();
      })
      .Case<ShuffleOp>([&](auto shuffle) -> LogicalResult {
        waits = true;
        Value value = shuffle.getValue();
        Type type = value.getType();
        if (!type.isF32() && !type.isInteger(32))
          return op->emitError("a shuffle of ") << type << " cannot be emulated, expected 32 bits";
        if (type.isF32())
          value = arith::BitcastOp::create(b, loc, b.getI32Type(), value);
        int32_t mode = shuffle.getMode() == ShuffleMode::XOR    ? attune_shuffle_xor
                       : shuffle.getMode() == ShuffleMode::UP   ? attune_shuffle_up
                       : shuffle.getMode() == ShuffleMode::DOWN ? attune_shuffle_down
                                                                : attune_shuffle_idx;
        Value got = call("attune_emulator_shuffle", b.getI32Type(),
                         {i32(mode), value, shuffle.getOffset(), shuffle.getWidth(), site()})
                        .getResult(0);
        if (type.isF32())
          got = arith::BitcastOp::create(b, loc, type, got);
        op->getResult(0).replaceAllUsesWith(got);
        if (!op->getResult(1).use_empty())
          return op->emitError("the second result of a shuffle cannot be emulated");
        op->erase();
        return success();
      })
      .Case<nvgpu::DeviceAsyncCopyOp>([&](nvgpu::DeviceAsyncCopyOp copy) {
        int64_t count = copy.getDstElements().getZExtValue();
        int64_t width = cast<MemRefType>(copy.getDst().getType()).getElementTypeBitWidth() / 8;
        auto [to, toInside] = address(copy.getDst(), copy.getDstIndices(), count);
        Value valid = copy.getSrcElements() ? copy.getSrcElements() : index(count);
        // The source need hold only what is read.
        auto [from, first] = address(copy.getSrc(), copy.getSrcIndices(), 1);
        auto [ignored, all] = address(copy.getSrc(), copy.getSrcIndices(), count);
        (void)ignored;
        auto isAtLeast = [&](int64_t n) {
          return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, valid, index(n));
        };
        Value one = i32(1);
        Value fromInside = arith::SelectOp::create(b, loc, isAtLeast(2), all, first);
        fromInside = arith::SelectOp::create(b, loc, isAtLeast(1), fromInside, one);
        Value inside = arith::AndIOp::create(b, loc, toInside, fromInside);
        Value bytes = arith::IndexCastOp::create(
            b, loc, b.getI32Type(), arith::MulIOp::create(b, loc, valid, index(width)));
        call("attune_emulator_async_copy", {},
             {to, from, i32(count * width), bytes, inside, site()});
        op->getResult(0).replaceAllUsesWith(tokenFor(op->getResult(0).getType()));
        op->erase();
        return success();
      })
      .Case<nvgpu::DeviceAsyncCreateGroupOp>([&](auto) {
        call("attune_emulator_async_commit", {}, {});
        op->getResult(0).replaceAllUsesWith(tokenFor(op->getResult(0).getType()));
        op->erase();
        return success();
      })
      .Case<nvgpu::DeviceAsyncWaitOp>([&](nvgpu::DeviceAsyncWaitOp wait) {
        call("attune_emulator_async_wait", {}, {i32(wait.getNumGroups().value_or(0)), site()});
        op->erase();
        return success();
      })
      .Case<LLVM::CallIntrinsicOp>([&](LLVM::CallIntrinsicOp intrinsic) -> LogicalResult {
        StringRef name = intrinsic.getIntrin();
        Value replacement;
        if (name == "llvm.nvvm.ex2.approx.ftz.f")
          replacement = math::Exp2Op::create(b, loc, op->getOperand(0));
        if (!replacement)
          return op->emitError("the intrinsic `") << name << "` cannot be emulated";
        op->getResult(0).replaceAllUsesWith(replacement);
        op->erase();
        return success();
      })
      .Case<NVVM::ConvertFloatToTF32Op>([&](NVVM::ConvertFloatToTF32Op convert) -> LogicalResult {
        if (convert.getRnd() != NVVM::FPRoundingMode::RNA)
          return op->emitError("only rounding to nearest, away from zero, can be emulated");
        op->getResult(0).replaceAllUsesWith(roundBits(convert.getSrc(), 13, /*toEven=*/false));
        op->erase();
        return success();
      })
      .Case<NVVM::ConvertF32x2ToBF16x2Op>(
          [&](NVVM::ConvertF32x2ToBF16x2Op convert) -> LogicalResult {
            if (convert.getRnd() != NVVM::FPRoundingMode::RN || convert.getRelu())
              return op->emitError("only rounding to nearest, ties to even, can be emulated");
            Value half = i32(16);
            Value low =
                arith::ShRUIOp::create(b, loc, roundBits(convert.getSrcLo(), 16, true), half);
            Value both = arith::OrIOp::create(b, loc, roundBits(convert.getSrcHi(), 16, true), low);
            Value word =
                vector::BroadcastOp::create(b, loc, VectorType::get({1}, b.getI32Type()), both);
            op->getResult(0).replaceAllUsesWith(
                vector::BitCastOp::create(b, loc, op->getResult(0).getType(), word));
            op->erase();
            return success();
          })
      .Case<NVVM::MmaOp>([&](NVVM::MmaOp product) {
        waits = true;
        return convertProduct(product);
      })
      .Case<LLVM::ExtractValueOp>([](auto) { return success(); })
      .Case<NVVM::RcpApproxFtzF32Op>([&](auto) {
        Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1.0f));
        op->getResult(0).replaceAllUsesWith(arith::DivFOp::create(b, loc, one, op->getOperand(0)));
        op->erase();
        return success();
      })
      .Case<memref::LoadOp>([&](memref::LoadOp load) {
        announce(op, load.getMemRef(), load.getIndices(), load.getType(), attune_access_read);
        return success();
      })
      .Case<memref::StoreOp>([&](memref::StoreOp store) {
        announce(op, store.getMemRef(), store.getIndices(), store.getValue().getType(),
                 attune_access_write);
        return success();
      })
      .Case<memref::AtomicRMWOp>([&](memref::AtomicRMWOp update) {
        announce(op, update.getMemref(), update.getIndices(), update.getType(),
                 attune_access_atomic);
        return success();
      })
      .Case<vector::LoadOp>([&](vector::LoadOp load) {
        announce(op, load.getBase(), load.getIndices(), load.getType(), attune_access_read);
        return success();
      })
      .Case<vector::StoreOp>([&](vector::StoreOp store) {
        announce(op, store.getBase(), store.getIndices(), store.getVectorType(),
                 attune_access_write);
        return success();
      })
      .Default([&](Operation *) -> LogicalResult {
        StringRef dialect = op->getName().getDialectNamespace();
        bool touches =
            isa<vector::MaskedLoadOp, vector::MaskedStoreOp, vector::GatherOp, vector::ScatterOp,
                memref::CopyOp, memref::AllocOp, memref::AllocaOp>(op);
        bool known = llvm::is_contained(
            {"arith", "math", "scf", "vector", "memref", "affine", "func", "builtin", "llvm", "ub"},
            dialect);
        if (known && !touches)
          return success();
        return op->emitError("`") << op->getName() << "` in a kernel cannot be emulated";
      });
}

LogicalResult Emulation::convert(mlir::gpu::GPUFuncOp kernel) {
  if (kernel.getNumWorkgroupAttributions() || kernel.getNumPrivateAttributions())
    return kernel.emitOpError("has attributions, which cannot be emulated; expected dynamic shared "
                              "memory");
  kernel.walk([&](Operation *op) {
    for (Value result : op->getResults())
      result.setType(plain(result.getType()));
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (BlockArgument argument : block.getArguments())
          argument.setType(plain(argument.getType()));
  });
  b.setInsertionPointToEnd(module.getBody());
  auto inputs = llvm::map_to_vector(kernel.getFunctionType().getInputs(), plain);
  auto function =
      func::FuncOp::create(b, kernel.getLoc(), kernel.getName(), b.getFunctionType(inputs, {}));
  function.setPrivate();
  function.getBody().takeBody(kernel.getBody());
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (op != function)
      ops.push_back(op);
  });
  bool waits = false;
  words = {};
  for (Operation *op : ops)
    if (failed(convertOp(op, waits)))
      return failure();
  function->setAttr(kKernelAttr, b.getUnitAttr());
  if (waits)
    function->setAttr(kWaitsAttr, b.getUnitAttr());
  return success();
}

LogicalResult Emulation::run() {
  SmallVector<mlir::gpu::GPUModuleOp> modules(module.getOps<mlir::gpu::GPUModuleOp>());
  for (mlir::gpu::GPUModuleOp kernels : modules)
    for (auto kernel : llvm::make_early_inc_range(kernels.getOps<mlir::gpu::GPUFuncOp>()))
      if (failed(convert(kernel)))
        return failure();
  for (mlir::gpu::GPUModuleOp kernels : modules)
    kernels.erase();
  // Tokens of asynchronous copies order nothing here.
  module.walk([](UnrealizedConversionCastOp cast) {
    if (cast->use_empty())
      cast->erase();
  });
  SmallVector<Attribute> texts;
  for (auto &[text, number] : sites)
    texts.push_back(text);
  module->setAttr(kSitesAttr, b.getArrayAttr(texts));
  return success();
}

struct EmulateKernelsPass : impl::EmulateKernelsPassBase<EmulateKernelsPass> {
  void runOnOperation() override {
    if (failed(Emulation(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace attune
