// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What decides which entries are present: attn.restrict and attn.fill.

#include "attune/Dialect/Attn/Structure.h"
#include "Planes.h"

using namespace mlir;

namespace attune::reference {

static LogicalResult evaluateRestrict(Operation *op, Frame &frame) {
  attn::RestrictOp restrict = cast<attn::RestrictOp>(op);
  Matrix matrix = frame.takeMatrix(op, restrict.getInput());
  if (restrict.getKind() != attn::MaskKind::KeyMask && matrix.rows() != matrix.columns())
    return frame.fail(op, "a matrix of shape " + shapeText(matrix.shape) +
                              ", expected as many rows as columns");
  switch (restrict.getKind()) {
  case attn::MaskKind::Segments:
    restrictToSegments(matrix, frame.tensor(restrict.getMask()));
    break;
  case attn::MaskKind::Causal:
    restrictToCausal(matrix);
    break;
  case attn::MaskKind::Window: {
    // No matrix is wider than 2^62, and with bounds up to there the sums do not overflow.
    constexpr int64_t kWidest = int64_t(1) << 62;
    int64_t left = std::min((*restrict.getBounds())[0], kWidest),
            right = std::min((*restrict.getBounds())[1], kWidest);
    restrictEntries(matrix,
                    [&](int64_t, int64_t i, int64_t j) { return i - left <= j && j <= i + right; });
    break;
  }
  case attn::MaskKind::KeyMask:
    if (failed(restrictToKeys(op, frame, matrix, frame.tensor(restrict.getMask()))))
      return failure();
    break;
  }
  frame.set(restrict.getResult(), std::move(matrix));
  return success();
}

static LogicalResult evaluateFill(Operation *op, Frame &frame) {
  attn::FillOp fill = cast<attn::FillOp>(op);
  double value = frame.number(fill.getValue());
  Matrix matrix = frame.takeMatrix(op, fill.getInput());
  for (size_t entry = 0; entry < matrix.values.size(); ++entry) {
    if (!matrix.present[entry])
      matrix.values[entry] = value;
    matrix.present[entry] = 1;
  }
  frame.set(fill.getResult(), std::move(matrix));
  return success();
}

void registerStructure(Registry &registry) {
  registry.add("attn.restrict", evaluateRestrict);
  registry.add("attn.fill", evaluateFill);
}

} // namespace attune::reference
