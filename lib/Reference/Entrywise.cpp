// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attn.map: out(i, j) = f(entries (i, j), rows[i], cols[j], heads[h], scalars), absent where any of
// the entries is.

#include "attune/Dialect/Attn/Entrywise.h"
#include "Planes.h"
#include "ScalarProgram.h"

using namespace mlir;

namespace attune::reference {

namespace {
/// A row tensor of which a map reads one number at each row (or column).
struct RowOperand {
  const Tensor *tensor;
  RowAccess access;
};
} // namespace

static LogicalResult accessAll(Operation *op, Frame &frame, StringRef name, ValueRange values,
                               const Shape &outer, int64_t size, SmallVectorImpl<RowOperand> &out) {
  for (Value value : values) {
    const Tensor &tensor = frame.tensor(value);
    FailureOr<RowAccess> access =
        accessRows(op, frame, name, tensor, outer, size, /*hasWidth=*/false);
    if (failed(access))
      return failure();
    out.push_back({&tensor, std::move(*access)});
  }
  return success();
}

/// The shape that all matrices of an entrywise op broadcast to; also used by the result's type
/// where rows say more than the matrices.
static FailureOr<Shape> commonOuter(attn::MapOp map, Frame &frame) {
  Shape outer = frame.matrix(map.getMatrices().front()).outer();
  for (Value value : map.getMatrices().drop_front()) {
    FailureOr<Shape> wider = broadcast(map, frame, outer, frame.matrix(value).outer());
    if (failed(wider))
      return failure();
    outer = std::move(*wider);
  }
  // Rows, columns and heads may be wider than the matrices.
  for (ValueRange values : {ValueRange(map.getRows()), ValueRange(map.getCols())}) {
    for (Value value : values) {
      FailureOr<Shape> wider =
          broadcast(map, frame, outer, outerOf(frame.tensor(value), false, !outer.empty()));
      if (failed(wider))
        return failure();
      outer = std::move(*wider);
    }
  }
  return outer;
}

static LogicalResult evaluateMap(Operation *op, Frame &frame) {
  attn::MapOp map = cast<attn::MapOp>(op);
  FailureOr<ScalarProgram> program = ScalarProgram::compile(map.getBody().front(), frame);
  if (failed(program))
    return failure();
  FailureOr<Shape> outer = commonOuter(map, frame);
  if (failed(outer))
    return failure();

  int64_t rows = frame.matrix(map.getMatrices().front()).rows();
  int64_t columns = frame.matrix(map.getMatrices().front()).columns();
  Matrix out = Matrix::filled(matrixShape(*outer, rows, columns), 0);
  SmallVector<const Matrix *> matrices;
  SmallVector<std::vector<int64_t>> planes;
  for (Value value : map.getMatrices()) {
    const Matrix &matrix = frame.matrix(value);
    if (matrix.rows() != rows || matrix.columns() != columns)
      return frame.fail(op, "matrices of shapes " + shapeText(out.shape) + " and " +
                                shapeText(matrix.shape) + " do not go together");
    matrices.push_back(&matrix);
    planes.push_back(planeMap(matrix.outer(), *outer));
  }
  SmallVector<RowOperand> rowOperands, columnOperands;
  if (failed(accessAll(op, frame, "rows", map.getRows(), *outer, rows, rowOperands)) ||
      failed(accessAll(op, frame, "cols", map.getCols(), *outer, columns, columnOperands)))
    return failure();

  unsigned firstRow = matrices.size(), firstColumn = firstRow + rowOperands.size();
  unsigned firstHead = firstColumn + columnOperands.size();
  unsigned firstScalar = firstHead + map.getHeads().size();
  for (auto [number, scalar] : llvm::enumerate(map.getScalars()))
    program->splatArgument(firstScalar + number, slotOf(frame.tensor(scalar), 0));
  int64_t heads = outer->empty() ? 1 : outer->back();

  for (int64_t plane = 0, count = out.planes(); plane < count; ++plane) {
    for (auto [number, value] : llvm::enumerate(map.getHeads())) {
      const Tensor &tensor = frame.tensor(value);
      if (tensor.elements() != 1 && tensor.elements() != heads)
        return frame.fail(op, "`heads` has shape " + shapeText(tensor.shape) + ", expected [" +
                                  Twine(heads) + "]");
      program->splatArgument(firstHead + number,
                             slotOf(tensor, tensor.elements() == 1 ? 0 : plane % heads));
    }
    for (int64_t i = 0; i < rows; ++i) {
      for (auto [number, row] : llvm::enumerate(rowOperands))
        program->splatArgument(firstRow + number, slotOf(*row.tensor, row.access.at(plane, i)));
      int64_t target = (plane * rows + i) * columns;
      for (int64_t begin = 0; begin < columns; begin += kLanes) {
        int64_t lanes = std::min(kLanes, columns - begin);
        for (auto [number, matrix] : llvm::enumerate(matrices)) {
          int64_t entry = (planes[number][plane] * rows + i) * columns + begin;
          Slot *argument = program->argument(number);
          for (int64_t lane = 0; lane < lanes; ++lane) {
            argument[lane].f = matrix->values[entry + lane];
            out.present[target + begin + lane] &= matrix->present[entry + lane];
          }
        }
        for (auto [number, column] : llvm::enumerate(columnOperands)) {
          Slot *argument = program->argument(firstColumn + number);
          for (int64_t lane = 0; lane < lanes; ++lane)
            argument[lane] = slotOf(*column.tensor, column.access.at(plane, begin + lane));
        }
        if (failed(program->run(lanes)))
          return frame.fail(op, "an index in the region is out of range");
        const Slot *result = program->result(0);
        for (int64_t lane = 0; lane < lanes; ++lane)
          out.values[target + begin + lane] = result[lane].f;
      }
    }
  }
  frame.set(map.getResult(), std::move(out));
  return success();
}

void registerEntrywise(Registry &registry) { registry.add("attn.map", evaluateMap); }

} // namespace attune::reference
