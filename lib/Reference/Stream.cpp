// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attn.stream: for every batch, head, row and visited column the region's entries, gathered by the
// sinks. Columns are taken in strips; a row's entries of a softmax sink are kept until the row
// ends:
//   out[i] += sum_j exp(e_j - m) v_j / sum_j exp(e_j - m), m = max_j e_j.

#include "attune/Dialect/Attn/Stream.h"
#include "Planes.h"
#include "ScalarProgram.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

namespace {
struct Side {
  const Tensor *tensor;
  RowAccess access;
};

/// One sink: where its results go and, for softmax, what the row has gathered so far.
struct Sink {
  attn::SinkKind kind;
  unsigned entry;
  Tensor out;
  RowAccess target;
  const Side *values = nullptr;
  std::vector<std::pair<double, int64_t>> gathered;
};

/// A visited column, and the edge that leads there (csr).
struct Visit {
  int64_t column, edge;
};

class Stream {
public:
  Stream(attn::StreamOp op, Frame &frame, ScalarProgram program)
      : op(op), frame(frame), program(std::move(program)) {}

  LogicalResult prepare();
  LogicalResult run();

private:
  LogicalResult widen(Shape other);
  LogicalResult access(StringRef name, ValueRange values, int64_t rows, bool hasWidth,
                       SmallVectorImpl<Side> &sides);
  LogicalResult prepareSinks();
  LogicalResult visitsOf(int64_t row, std::vector<Visit> &visits);
  LogicalResult strip(int64_t plane, int64_t row, ArrayRef<Visit> visits);
  void gather(Sink &sink, int64_t plane, int64_t row, const Visit &visit, double entry);
  static void finishSoftmax(Sink &sink, int64_t plane, int64_t row);

  attn::StreamOp op;
  Frame &frame;
  ScalarProgram program;
  LogicalResult blocks(int64_t plane, int64_t row, ArrayRef<Visit> visits, unsigned &next);

  int64_t numRows = 0, numColumns = 0;
  /// Number of the visited row's segment, and where it begins and ends.
  int64_t segment = -1, segmentBegin = 0, segmentEnd = 0;
  Shape outer;
  SmallVector<Side> lhs, rhs, rows, cols, values;
  std::vector<Sink> sinks;
};
} // namespace

LogicalResult Stream::widen(Shape other) {
  FailureOr<Shape> wider =
      outer.empty() ? FailureOr<Shape>(other) : broadcast(op, frame, outer, other);
  if (succeeded(wider))
    outer = *wider;
  return wider;
}

LogicalResult Stream::access(StringRef name, ValueRange list, int64_t size, bool hasWidth,
                             SmallVectorImpl<Side> &sides) {
  for (Value value : list) {
    const Tensor &tensor = frame.tensor(value);
    FailureOr<RowAccess> found = accessRows(op, frame, name, tensor, outer, size, hasWidth);
    if (failed(found))
      return failure();
    sides.push_back({&tensor, std::move(*found)});
  }
  return success();
}

LogicalResult Stream::prepareSinks() {
  bool scatter = op.getScatter();
  unsigned nextValue = 0;
  for (auto [number, init] : llvm::enumerate(op.getInits())) {
    Sink sink;
    sink.kind = op.getSinkKind(number);
    sink.entry = op.getElements()[number];
    sink.out = frame.takeTensor(op, init);
    bool hasWidth = sink.kind == attn::SinkKind::Apply || sink.kind == attn::SinkKind::Softmax;
    if (sink.kind == attn::SinkKind::Materialize) {
      if (sink.out.shape != matrixShape(outer, numRows, numColumns))
        return frame.fail(op, "`outs` " + Twine(number) + " has shape " +
                                  shapeText(sink.out.shape) + ", expected " +
                                  shapeText(matrixShape(outer, numRows, numColumns)));
    } else {
      int64_t targets = scatter ? numColumns : numRows;
      Shape expected = rowShape(outer, targets, hasWidth ? sink.out.shape.back() : 1, hasWidth);
      if (sink.out.shape != expected)
        return frame.fail(op, "`outs` " + Twine(number) + " has shape " +
                                  shapeText(sink.out.shape) + ", expected " + shapeText(expected));
      FailureOr<RowAccess> target =
          accessRows(op, frame, "outs", sink.out, outer, targets, hasWidth);
      if (failed(target))
        return failure();
      sink.target = std::move(*target);
    }
    if (hasWidth) {
      sink.values = &values[nextValue++];
      if (sink.values->access.width != sink.target.width)
        return frame.fail(op, "`values` has " + Twine(sink.values->access.width) +
                                  " columns, its `outs` " + Twine(sink.target.width));
    }
    sinks.push_back(std::move(sink));
  }
  return success();
}

LogicalResult Stream::prepare() {
  for (Value value : op->getOperands())
    if (isa<MemRefType>(value.getType()))
      return frame.failUnsupported(op, "`attn.stream` on memrefs has no reference evaluation");
  numRows = frame.integer(op.getNumRows());
  numColumns = frame.integer(op.getNumColumns());

  // Batch and heads are the widest of all operands.
  for (auto [list, hasWidth] :
       {std::pair(ValueRange(op.getLhs()), true), std::pair(ValueRange(op.getRhs()), true),
        std::pair(ValueRange(op.getValues()), true), std::pair(ValueRange(op.getRows()), false),
        std::pair(ValueRange(op.getCols()), false)})
    for (Value value : list)
      if (failed(widen(outerOf(frame.tensor(value), hasWidth, true))))
        return failure();
  for (auto [number, init] : llvm::enumerate(op.getInits())) {
    const Tensor &tensor = frame.tensor(init);
    attn::SinkKind kind = op.getSinkKind(number);
    bool hasWidth = kind == attn::SinkKind::Apply || kind == attn::SinkKind::Softmax;
    Shape own = kind == attn::SinkKind::Materialize
                    ? Shape(tensor.shape.begin(), tensor.shape.end() - 2)
                    : outerOf(tensor, hasWidth, true);
    if (failed(widen(own)))
      return failure();
  }

  int64_t valueRows = op.getScatter() ? numRows : numColumns;
  if (failed(access("lhs", op.getLhs(), numRows, true, lhs)) ||
      failed(access("rhs", op.getRhs(), numColumns, true, rhs)) ||
      failed(access("rows", op.getRows(), numRows, false, rows)) ||
      failed(access("cols", op.getCols(), numColumns, false, cols)) ||
      failed(access("values", op.getValues(), valueRows, true, values)))
    return failure();
  return prepareSinks();
}

LogicalResult Stream::visitsOf(int64_t row, std::vector<Visit> &visits) {
  visits.clear();
  if (op.getCsrOffsets()) {
    const Tensor &offsets = frame.tensor(op.getCsrOffsets());
    const Tensor &columns = frame.tensor(op.getCsrColumns());
    if (offsets.elements() != numRows + 1)
      return frame.fail(op, "`csr` has " + Twine(offsets.elements()) + " offsets, expected " +
                                Twine(numRows + 1));
    int64_t begin = offsets.i[row], end = offsets.i[row + 1];
    if (begin < 0 || begin > end || end > columns.elements())
      return frame.fail(op,
                        "row " + Twine(row) + " has edges " + Twine(begin) + " to " + Twine(end));
    for (int64_t edge = begin; edge < end; ++edge) {
      if (columns.i[edge] < 0 || columns.i[edge] >= numColumns)
        return frame.fail(op, "edge " + Twine(edge) + " has column " + Twine(columns.i[edge]) +
                                  ", expected below " + Twine(numColumns));
      visits.push_back({columns.i[edge], edge});
    }
    return success();
  }
  int64_t begin = 0, end = numColumns;
  if (op.getSegments()) {
    const Tensor &offsets = frame.tensor(op.getSegments());
    end = 0;
    for (int64_t g = 0; g + 1 < offsets.elements(); ++g) {
      if (offsets.i[g] <= row && row < offsets.i[g + 1]) {
        begin = std::max<int64_t>(offsets.i[g], 0);
        end = std::min(offsets.i[g + 1], numColumns);
        segment = g;
      }
    }
    segmentBegin = begin;
    segmentEnd = end;
  }
  if (op.getBand()) {
    auto [left, right] = std::pair((*op.getBand())[0], (*op.getBand())[1]);
    begin = left < 0 ? begin : std::max(begin, row - std::min(left, numColumns + numRows));
    end = right < 0 ? end : std::min(end, row + std::min(right, numColumns) + 1);
  }
  for (int64_t column = begin; column < end; ++column)
    visits.push_back({column, -1});
  return success();
}

void Stream::gather(Sink &sink, int64_t plane, int64_t row, const Visit &visit, double entry) {
  int64_t target = op.getScatter() ? visit.column : row,
          source = op.getScatter() ? row : visit.column;
  switch (sink.kind) {
  case attn::SinkKind::Apply: {
    double *to = sink.out.f.data() + sink.target.at(plane, target);
    const double *from = sink.values->tensor->f.data() + sink.values->access.at(plane, source);
    for (int64_t e = 0; e < sink.target.width; ++e)
      to[e] += entry * from[e];
    break;
  }
  case attn::SinkKind::RowSum:
    sink.out.f[sink.target.at(plane, target)] += entry;
    break;
  case attn::SinkKind::RowMax: {
    double &to = sink.out.f[sink.target.at(plane, target)];
    to = std::isnan(entry) || entry > to ? entry : to;
    break;
  }
  case attn::SinkKind::Softmax:
    sink.gathered.push_back({entry, source});
    break;
  case attn::SinkKind::Materialize:
    sink.out.f[(plane * numRows + row) * numColumns + visit.column] = entry;
    break;
  }
}

void Stream::finishSoftmax(Sink &sink, int64_t plane, int64_t row) {
  double largest = -INFINITY, sum = 0;
  for (auto [entry, column] : sink.gathered)
    largest = std::isnan(entry) || entry > largest ? entry : largest;
  for (auto [entry, column] : sink.gathered)
    sum += std::exp(entry - largest);
  double *to = sink.out.f.data() + sink.target.at(plane, row);
  for (auto [entry, column] : sink.gathered) {
    double weight = std::exp(entry - largest) / sum;
    const double *from = sink.values->tensor->f.data() + sink.values->access.at(plane, column);
    for (int64_t e = 0; e < sink.target.width; ++e)
      to[e] += weight * from[e];
  }
  sink.gathered.clear();
}

/// The block's entries, then what each lookup holds for them.
LogicalResult Stream::blocks(int64_t plane, int64_t row, ArrayRef<Visit> visits, unsigned &next) {
  const Tensor &table = frame.tensor(op.getBlockTable()),
               &starts = frame.tensor(op.getBlockStarts());
  int64_t size = segmentEnd - segmentBegin, heads = outer.empty() ? 1 : outer.back();
  if (segment + 1 >= starts.elements() || starts.i[segment + 1] > table.elements())
    return frame.fail(op, "`blocks` has no block for segment " + Twine(segment));
  bool compact = cast<ShapedType>(op.getBlockTable().getType()).getElementType().isInteger(8);
  Slot *entries = program.argument(next++);
  std::vector<double> values;
  for (auto [lane, visit] : llvm::enumerate(visits)) {
    int64_t at = (row - segmentBegin) * size + visit.column - segmentBegin;
    values.push_back(
        blockElement(table, compact, starts.i[segment], starts.i[segment + 1], size * size, at));
    entries[lane].f = values.back();
  }
  for (Value value : op.getLookups()) {
    const Tensor &lookup = frame.tensor(value);
    int64_t classes = lookup.shape[1], first = lookup.shape[0] == 1 ? 0 : plane % heads * classes;
    if (first + classes > lookup.elements())
      return frame.fail(op, "`lookups` has shape " + shapeText(lookup.shape) + ", expected " +
                                Twine(heads) + " rows");
    Slot *out = program.argument(next++);
    for (auto [lane, entry] : llvm::enumerate(values)) {
      if (entry < 0 || entry >= double(classes))
        return frame.fail(op, "`blocks` holds " + Twine(int64_t(entry)) + ", expected below " +
                                  Twine(classes));
      out[lane].f = lookup.f[first + int64_t(entry)];
    }
  }
  return success();
}

LogicalResult Stream::strip(int64_t plane, int64_t row, ArrayRef<Visit> visits) {
  int64_t lanes = visits.size(), heads = outer.empty() ? 1 : outer.back();
  unsigned next = 0;
  Slot slot;
  slot.i = row;
  program.splatArgument(next++, slot);
  Slot *columns = program.argument(next++);
  for (int64_t lane = 0; lane < lanes; ++lane)
    columns[lane].i = visits[lane].column;
  for (unsigned pair = 0; pair < lhs.size(); ++pair) {
    bool distance = op.getDistance()[pair];
    int64_t width = lhs[pair].access.width;
    const double *a = lhs[pair].tensor->f.data() + lhs[pair].access.at(plane, row);
    Slot *out = program.argument(next++);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      const double *b =
          rhs[pair].tensor->f.data() + rhs[pair].access.at(plane, visits[lane].column);
      double sum = 0;
      for (int64_t d = 0; d < width; ++d)
        sum += distance ? (a[d] - b[d]) * (a[d] - b[d]) : a[d] * b[d];
      out[lane].f = sum;
    }
  }
  for (const Side &side : rows)
    program.splatArgument(next++, slotOf(*side.tensor, side.access.at(plane, row)));
  for (const Side &side : cols) {
    Slot *out = program.argument(next++);
    for (int64_t lane = 0; lane < lanes; ++lane)
      out[lane] = slotOf(*side.tensor, side.access.at(plane, visits[lane].column));
  }
  for (Value value : op.getHeads()) {
    const Tensor &tensor = frame.tensor(value);
    if (tensor.elements() != 1 && tensor.elements() != heads)
      return frame.fail(op, "`heads` has shape " + shapeText(tensor.shape) + ", expected [" +
                                Twine(heads) + "]");
    program.splatArgument(next++, slotOf(tensor, tensor.elements() == 1 ? 0 : plane % heads));
  }
  for (Value value : op.getScalars())
    program.splatArgument(next++, slotOf(frame.tensor(value), 0));
  for (Value value : op.getEdges()) {
    const Tensor &tensor = frame.tensor(value);
    int64_t width = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
    if (width != 1 && width != heads)
      return frame.fail(op, "`edges` has shape " + shapeText(tensor.shape) + ", expected " +
                                Twine(heads) + " columns");
    Slot *out = program.argument(next++);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t element = visits[lane].edge * width + (width == 1 ? 0 : plane % heads);
      if (element >= tensor.elements())
        return frame.fail(op, "`edges` has shape " + shapeText(tensor.shape) + ", edge " +
                                  Twine(visits[lane].edge) + " is outside");
      out[lane] = slotOf(tensor, element);
    }
  }

  if (op.getBlockTable() && failed(blocks(plane, row, visits, next)))
    return failure();
  if (failed(program.run(lanes)))
    return frame.fail(op, "an index in the region is out of range");
  const Slot *present = op.getMasked() ? program.result(program.numResults() - 1) : nullptr;
  for (Sink &sink : sinks) {
    const Slot *entries = program.result(sink.entry);
    for (int64_t lane = 0; lane < lanes; ++lane)
      if (!present || present[lane].i)
        gather(sink, plane, row, visits[lane], entries[lane].f);
  }
  return success();
}

LogicalResult Stream::run() {
  std::vector<Visit> visits;
  for (int64_t plane = 0, planes = countElements(outer); plane < planes; ++plane) {
    for (int64_t row = 0; row < numRows; ++row) {
      if (failed(visitsOf(row, visits)))
        return failure();
      ArrayRef<Visit> rest(visits);
      for (; !rest.empty(); rest = rest.drop_front(std::min<size_t>(kLanes, rest.size())))
        if (failed(strip(plane, row, rest.take_front(kLanes))))
          return failure();
      for (Sink &sink : sinks)
        if (sink.kind == attn::SinkKind::Softmax)
          finishSoftmax(sink, plane, row);
    }
  }
  for (auto [sink, result] : llvm::zip_equal(sinks, op.getResults()))
    frame.set(result, std::move(sink.out));
  return success();
}

static LogicalResult evaluateStream(Operation *op, Frame &frame) {
  attn::StreamOp stream = cast<attn::StreamOp>(op);
  FailureOr<ScalarProgram> program = ScalarProgram::compile(stream.getBody().front(), frame);
  if (failed(program))
    return failure();
  Stream evaluation(stream, frame, std::move(*program));
  if (failed(evaluation.prepare()))
    return failure();
  return evaluation.run();
}

void registerStream(Registry &registry) { registry.add("attn.stream", evaluateStream); }

} // namespace attune::reference
