// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A region of scalar ops as a flat list of instructions over strips of lanes.
#ifndef ATTUNE_LIB_REFERENCE_SCALARPROGRAM_H
#define ATTUNE_LIB_REFERENCE_SCALARPROGRAM_H

#include "Frame.h"

#include "mlir/IR/AffineMap.h"

#include <algorithm>
#include <optional>

namespace attune::reference {

/// One lane of a register: a double, or an integer of any width (i1 is 0 or 1, others are
/// sign-extended). Which one follows from the op that reads it.
union Slot {
  double f;
  int64_t i;
};

constexpr int64_t kLanes = 256;

struct Instruction;
/// `registers` holds kLanes slots for each register; `lanes` of them are computed. False where an
/// element of a table is out of range.
using ScalarFunction = bool (*)(const Instruction &, Slot *registers, int64_t lanes);

struct Instruction {
  ScalarFunction function = nullptr;
  unsigned result = 0;
  llvm::SmallVector<unsigned, 4> operands;
  /// Bits of the result and of the first operand where they are integers (index counts as 64).
  unsigned width = 64, operandWidth = 64;
  /// Predicate of a comparison.
  int64_t immediate = 0;
  /// What `tensor.extract` reads.
  std::shared_ptr<Tensor> table;
};

/// The instruction of an elementwise op on scalars, with `result` and `operands` not set yet; none
/// if the op is not known. The value of each result of an affine map; false where it divides by 0.
bool evaluateAffineMap(mlir::AffineMap map, llvm::ArrayRef<int64_t> operands,
                       llvm::SmallVectorImpl<int64_t> &values);

std::optional<Instruction> scalarInstruction(mlir::Operation *op);
void forEachScalarOp(llvm::function_ref<void(llvm::StringRef)> visit);

/// Bits of an integer, boolean or index type; 64 for others.
unsigned integerWidth(mlir::Type type);

inline Slot slotOf(const Tensor &tensor, int64_t element) {
  Slot slot;
  if (tensor.isFloat)
    slot.f = tensor.f[element];
  else
    slot.i = tensor.i[element];
  return slot;
}
inline void setSlot(Tensor &tensor, int64_t element, Slot slot) {
  if (tensor.isFloat)
    tensor.f[element] = slot.f;
  else
    tensor.i[element] = slot.i;
}

class ScalarProgram {
public:
  /// Values from outside the block are read from `frame` now. On failure the frame has the error.
  static mlir::FailureOr<ScalarProgram> compile(mlir::Block &block, Frame &frame);

  Slot *argument(unsigned number) { return lanesOf(number); }
  void splatArgument(unsigned number, Slot slot) { std::fill_n(argument(number), kLanes, slot); }
  const Slot *result(unsigned number) { return lanesOf(results[number]); }
  unsigned numResults() const { return results.size(); }

  /// Registers that `linalg.index` reads, with the loop of each.
  struct LoopIndex {
    unsigned loop, reg;
  };
  llvm::ArrayRef<LoopIndex> loopIndices() const { return indices; }
  Slot *loopIndex(const LoopIndex &index) { return lanesOf(index.reg); }

  /// Computes the results of the first `lanes` lanes; fails where a table is read out of range.
  mlir::LogicalResult run(int64_t lanes);

private:
  Slot *lanesOf(unsigned reg) { return registers.data() + reg * kLanes; }
  unsigned newRegister();
  unsigned newConstant(Slot slot);
  mlir::LogicalResult add(mlir::Operation *op, Frame &frame);
  /// The register of a value; captured from outside where the block does not define it.
  mlir::FailureOr<unsigned> use(mlir::Operation *op, mlir::Value value, Frame &frame);

  std::vector<Slot> registers;
  std::vector<Instruction> instructions;
  llvm::SmallVector<LoopIndex> indices;
  llvm::SmallVector<unsigned> results;
  llvm::DenseMap<mlir::Value, unsigned> places;
};

} // namespace attune::reference

#endif
