// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The state of one function evaluation, and the registry of evaluators.
#ifndef ATTUNE_LIB_REFERENCE_FRAME_H
#define ATTUNE_LIB_REFERENCE_FRAME_H

#include "attune/Reference/Tensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

namespace attune::reference {

class Frame;

/// Computes the results of one op. Failure means that `Frame::fail` has been called.
using Evaluator = mlir::LogicalResult (*)(mlir::Operation *, Frame &);

/// Op name to evaluator. One function for each family fills it.
class Registry {
public:
  static const Registry &get();
  Evaluator find(llvm::StringRef opName) const { return evaluators.lookup(opName); }
  void add(llvm::StringRef opName, Evaluator evaluator) { evaluators[opName] = evaluator; }

private:
  llvm::StringMap<Evaluator> evaluators;
};

void registerSources(Registry &registry);
void registerEntrywise(Registry &registry);
void registerStructure(Registry &registry);
void registerAlgebra(Registry &registry);
void registerSinks(Registry &registry);
void registerStream(Registry &registry);
void registerLayers(Registry &registry);
void registerVision(Registry &registry);
void registerGraphs(Registry &registry);
void registerUpstreamScalars(Registry &registry);
void registerUpstreamTensor(Registry &registry);
void registerUpstreamControl(Registry &registry);
/// All structured linalg ops go through one evaluator, by their interface.
mlir::LogicalResult evaluateLinalg(mlir::Operation *op, Frame &frame);

/// The first error of an evaluation.
struct EvaluationError {
  std::string text;
  /// It is a limit of the interpreter, and the module may be right.
  bool isLimit = false;
};

/// Values of one call. A value is dropped after its last use in the block that defines it.
class Frame {
public:
  Frame(EvaluationError &error, unsigned depth) : error(error), depth(depth) {}

  /// Tensors and scalars (of rank 0); the element of a scalar.
  const Tensor &tensor(mlir::Value value) const { return *values.find(value)->second.tensor; }
  const Matrix &matrix(mlir::Value value) const { return *values.find(value)->second.matrix; }
  double number(mlir::Value value) const { return tensor(value).f[0]; }
  int64_t integer(mlir::Value value) const { return tensor(value).i[0]; }
  const Datum &datum(mlir::Value value) const { return values.find(value)->second; }
  bool has(mlir::Value value) const { return values.count(value); }

  /// The operand's datum; the frame lets go of it where `op` is its last use.
  Datum consume(mlir::Operation *op, mlir::Value value);
  /// A tensor or matrix to write to: the operand itself where nobody else reads it, else a copy.
  Tensor takeTensor(mlir::Operation *op, mlir::Value value);
  Matrix takeMatrix(mlir::Operation *op, mlir::Value value);

  void set(mlir::Value value, Datum datum) { values[value] = std::move(datum); }
  void set(mlir::Value value, Tensor tensor);
  void set(mlir::Value value, Matrix matrix);

  /// Records an error with the op's location.
  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &message);
  /// The same for what the interpreter does not do.
  mlir::LogicalResult failUnsupported(mlir::Operation *op, const llvm::Twine &message);

  /// Runs the ops of a block; its arguments are set already. `finish` sees the terminator while the
  /// block's values are still alive.
  mlir::LogicalResult run(mlir::Block &block,
                          llvm::function_ref<mlir::LogicalResult(mlir::Operation *)> finish);
  /// The same; returns what the terminator's operands hold.
  mlir::LogicalResult run(mlir::Block &block, llvm::SmallVectorImpl<Datum> &yielded);

  unsigned callDepth() const { return depth; }
  EvaluationError &firstError() { return error; }

private:
  bool dies(mlir::Operation *op, mlir::Value value);
  void findDeaths(mlir::Block &block);
  mlir::LogicalResult runOp(mlir::Operation *op);

  EvaluationError &error;
  unsigned depth;
  llvm::DenseMap<mlir::Value, Datum> values;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value, 2>> deaths;
  llvm::DenseMap<mlir::Block *, bool> seen;
};

/// Whether elements of this type (or of this shaped type) are floats.
bool holdsFloats(mlir::Type type);
/// Empty where a datum of this shape and kind fits the type, else what is wrong.
std::string describeMismatch(mlir::Type type, const Shape &shape, bool isFloat);

} // namespace attune::reference

#endif
