// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every structured linalg op (generic, fill, transpose, reduce, matmul ..) by its interface:
// indexing maps, iterator types and region. Maps must be affine sums of loops; one parallel loop
// that all outputs walk is run in strips.

#include "ScalarProgram.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace attune::reference {

namespace {
/// Where one operand's element stands: base + sum over loops of strides[loop] * index of loop.
struct Walk {
  int64_t base = 0;
  SmallVector<int64_t> strides;
};

class Nest {
public:
  Nest(linalg::LinalgOp op, Frame &frame, ScalarProgram program)
      : op(op), frame(frame), program(std::move(program)) {}
  LogicalResult prepare();
  LogicalResult run();

private:
  LogicalResult walkOf(OpOperand &operand, const Shape &shape, Walk &walk);
  LogicalResult findExtents();
  void chooseStrip();
  LogicalResult strip(ArrayRef<int64_t> place, int64_t begin, int64_t lanes);

  linalg::LinalgOp op;
  Frame &frame;
  ScalarProgram program;
  SmallVector<int64_t> extents;
  SmallVector<Walk> walks;
  SmallVector<const Tensor *> operands;
  std::vector<Tensor> outputs;
  /// The loop run in strips; -1 where each element is computed by itself.
  int64_t stripLoop = -1;
};
} // namespace

/// expr as base + sum of strides[d] * d, scaled by `factor`; false where it is not affine in that
/// sense.
static bool addLinear(AffineExpr expr, int64_t factor, int64_t &base,
                      SmallVectorImpl<int64_t> &strides) {
  if (AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(expr)) {
    base += factor * constant.getValue();
    return true;
  }
  if (AffineDimExpr dim = dyn_cast<AffineDimExpr>(expr)) {
    strides[dim.getPosition()] += factor;
    return true;
  }
  AffineBinaryOpExpr binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), factor, base, strides) &&
           addLinear(binary.getRHS(), factor, base, strides);
  AffineConstantExpr constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() == AffineExprKind::Mul && constant)
    return addLinear(binary.getLHS(), factor * constant.getValue(), base, strides);
  return false;
}

LogicalResult Nest::findExtents() {
  extents.assign(op.getNumLoops(), -1);
  for (auto [number, operand] : llvm::enumerate(op->getOpOperands())) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    const Shape &shape = operands[number]->shape;
    if (map.getNumResults() != shape.size())
      return frame.fail(op, "operand " + Twine(number) + " of shape " + shapeText(shape) +
                                " does not fit its indexing map");
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      AffineDimExpr loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop)
        continue;
      int64_t &extent = extents[loop.getPosition()];
      if (extent >= 0 && extent != shape[dim])
        return frame.fail(op, "operand " + Twine(number) + " has shape " + shapeText(shape) +
                                  ", expected " + Twine(extent) + " in dimension " + Twine(dim));
      extent = shape[dim];
    }
  }
  for (auto [loop, extent] : llvm::enumerate(extents))
    if (extent < 0)
      return frame.fail(op, "no operand says how long loop " + Twine(loop) + " is");
  return success();
}

LogicalResult Nest::walkOf(OpOperand &operand, const Shape &shape, Walk &walk) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  walk.strides.assign(extents.size(), 0);
  int64_t size = countElements(shape);
  bool runs = llvm::all_of(extents, [](int64_t extent) { return extent > 0; });
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    int64_t base = 0;
    SmallVector<int64_t> strides(extents.size(), 0);
    if (!addLinear(expr, 1, base, strides))
      return frame.failUnsupported(
          op, "an indexing map that is not a sum of loops has no reference evaluation");
    int64_t least = base, greatest = base;
    for (auto [stride, extent] : llvm::zip_equal(strides, extents))
      (stride < 0 ? least : greatest) += stride * (extent - 1);
    if (runs && (least < 0 || greatest >= shape[dim]))
      return frame.fail(op, "operand " + Twine(operand.getOperandNumber()) + " of shape " +
                                shapeText(shape) + " is left in dimension " + Twine(dim));
    size = shape[dim] ? size / shape[dim] : 0;
    walk.base += base * size;
    for (auto [total, stride] : llvm::zip_equal(walk.strides, strides))
      total += stride * size;
  }
  return success();
}

void Nest::chooseStrip() {
  // The innermost loop that is long enough, else the longest.
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (int64_t loop = 0; loop < int64_t(extents.size()); ++loop) {
    bool walked = iterators[loop] == utils::IteratorType::parallel;
    for (int64_t number = op.getNumDpsInputs(); number < op->getNumOperands(); ++number)
      walked = walked && walks[number].strides[loop] != 0;
    if (walked && (stripLoop < 0 || extents[loop] >= std::min<int64_t>(16, extents[stripLoop])))
      stripLoop = loop;
  }
}

LogicalResult Nest::prepare() {
  for (Value operand : op->getOperands()) {
    if (isa<MemRefType>(operand.getType()))
      return frame.failUnsupported(op, "linalg on memrefs has no reference evaluation");
    operands.push_back(&frame.tensor(operand));
  }
  if (failed(findExtents()))
    return failure();
  for (auto [number, operand] : llvm::enumerate(op->getOpOperands())) {
    walks.emplace_back();
    if (failed(walkOf(operand, operands[number]->shape, walks.back())))
      return failure();
  }
  chooseStrip();
  outputs.reserve(op.getNumDpsInits());
  unsigned first = op.getNumDpsInputs();
  for (auto [number, init] : llvm::enumerate(op.getDpsInits())) {
    outputs.push_back(frame.takeTensor(op, init));
    operands[first + number] = &outputs.back();
  }
  return success();
}

LogicalResult Nest::strip(ArrayRef<int64_t> place, int64_t begin, int64_t lanes) {
  auto startOf = [&](const Walk &walk) {
    int64_t start = walk.base;
    for (auto [stride, index] : llvm::zip_equal(walk.strides, place))
      start += stride * index;
    return start + (stripLoop < 0 ? 0 : walk.strides[stripLoop] * begin);
  };
  auto stepOf = [&](const Walk &walk) { return stripLoop < 0 ? 0 : walk.strides[stripLoop]; };

  unsigned arguments = op->getRegion(0).getNumArguments();
  for (unsigned number = 0; number < std::min<unsigned>(arguments, operands.size()); ++number) {
    const Tensor &tensor = *operands[number];
    int64_t at = startOf(walks[number]), step = stepOf(walks[number]);
    Slot *argument = program.argument(number);
    if (tensor.isFloat)
      for (int64_t lane = 0; lane < lanes; ++lane)
        argument[lane].f = tensor.f[at + lane * step];
    else
      for (int64_t lane = 0; lane < lanes; ++lane)
        argument[lane].i = tensor.i[at + lane * step];
  }
  for (const ScalarProgram::LoopIndex &index : program.loopIndices()) {
    Slot *slots = program.loopIndex(index);
    bool inStrip = int64_t(index.loop) == stripLoop;
    for (int64_t lane = 0; lane < lanes; ++lane)
      slots[lane].i = inStrip ? begin + lane : place[index.loop];
  }
  if (failed(program.run(lanes)))
    return frame.fail(op, "an index in the region is out of range");
  for (auto [number, output] : llvm::enumerate(outputs)) {
    const Walk &walk = walks[op.getNumDpsInputs() + number];
    int64_t at = startOf(walk), step = stepOf(walk);
    const Slot *result = program.result(number);
    for (int64_t lane = 0; lane < lanes; ++lane)
      setSlot(output, at + lane * step, result[lane]);
  }
  return success();
}

LogicalResult Nest::run() {
  bool any = llvm::all_of(extents, [](int64_t extent) { return extent > 0; });
  SmallVector<int64_t> place(extents.size(), 0);
  int64_t length = stripLoop < 0 ? 1 : extents[stripLoop];
  while (any) {
    for (int64_t begin = 0; begin < length; begin += kLanes)
      if (failed(strip(place, begin, std::min(kLanes, length - begin))))
        return failure();
    any = false;
    for (int64_t loop = place.size(); loop-- > 0 && !any;) {
      if (loop == stripLoop)
        continue;
      any = ++place[loop] < extents[loop];
      if (!any)
        place[loop] = 0;
    }
  }
  for (auto [result, output] : llvm::zip_equal(op->getResults(), outputs))
    frame.set(result, std::move(output));
  return success();
}

LogicalResult evaluateLinalg(Operation *op, Frame &frame) {
  FailureOr<ScalarProgram> program = ScalarProgram::compile(op->getRegion(0).front(), frame);
  if (failed(program))
    return failure();
  Nest nest(cast<linalg::LinalgOp>(op), frame, std::move(*program));
  if (failed(nest.prepare()))
    return failure();
  return nest.run();
}

} // namespace attune::reference
