// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds one attn.stream: the entry code of a matrix expression in its region, operands interned,
// ranks made canonical ([B.., rows, H, width]; a missing head dimension becomes a static 1 by
// reshaping).
#include "CodeTables.h"
#include "Stream.h"

#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/RowLayout.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Stream.h"
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"
#include "attune/Support/PassAttrs.h"

using namespace mlir;
using namespace attune::attn;
using attune::attn::detail::insertUnitDim;
using attune::attn::detail::rankOf;
using attune::attn::detail::removeUnitDim;

namespace attune::rewrite {
namespace {

/// Offsets of the segment masks that `matrix` depends on, each once.
SmallVector<Value> segmentMasks(Value matrix) {
  llvm::SetVector<Value> matrices, masks;
  matrices.insert(matrix);
  for (unsigned i = 0; i < matrices.size(); ++i) {
    Operation *op = matrices[i].getDefiningOp();
    if (!op)
      continue;
    if (auto expression = dyn_cast<MatrixOpInterface>(op))
      if (Value offsets = expression.getSegmentOffsets())
        masks.insert(offsets);
    for (Value operand : op->getOperands())
      if (isa<MatrixType>(operand.getType()))
        matrices.insert(operand);
  }
  return masks.takeVector();
}

class StreamBuilder : public ElementBuilder {
public:
  StreamBuilder(SinkBuilder &sinks, OpBuilder &regionBuilder, Value matrix, bool transposed,
                EdgeDirection direction)
      : ElementBuilder(regionBuilder, sinks.loc), sinks(sinks), root(matrix),
        hasHeads(rankOf(matrix) > 2) {
    bool against = direction == EdgeDirection::Against;
    MatrixFacts facts = factsOf(matrix);
    Support support = facts.support;
    visitsEdges = support == Support::Sparse;
    visitsSegments = support == Support::Segments && segmentMasks(matrix).size() == 1;
    scatter = visitsEdges && transposed != against;
    swapsSizes = flipped = visitsEdges ? against : transposed;
    if (!visitsEdges && (facts.left || facts.right))
      band = {facts.left.value_or(-1), facts.right.value_or(-1)};
    if (flipped && !band.empty())
      std::swap(band[0], band[1]);
  }

  FailureOr<MatrixElement> elementOf(Value matrix) override {
    auto key = std::pair(matrix, static_cast<int>(flipped));
    if (auto it = entries.find(key); it != entries.end())
      return it->second;
    auto op = matrix.getDefiningOp<MatrixOpInterface>();
    if (!op) {
      fail("a matrix must be the result of an op of the algebra");
      return failure();
    }
    FailureOr<MatrixElement> entry = op.buildElement(*this);
    if (succeeded(entry))
      entries[key] = *entry;
    else if (why.empty())
      fail("'" + op->getName().getStringRef().str() + "' has no entry form here");
    return entry;
  }

  FailureOr<MatrixElement> transposedElementOf(Value matrix) override {
    flipped = !flipped;
    FailureOr<MatrixElement> entry = elementOf(matrix);
    flipped = !flipped;
    return entry;
  }

  Value dot(Value q, Value k) override { return pair(q, k, false); }
  Value distance(Value q, Value k) override { return pair(q, k, true); }
  Value atRow(Value tensor) override { return intern(flipped ? cols : rows, withHeads(tensor)); }
  Value atColumn(Value tensor) override { return intern(flipped ? rows : cols, withHeads(tensor)); }
  Value atHead(Value tensor) override { return intern(heads, tensor); }

  Value scalar(Value value) override {
    if (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::ConstantLike>())
      return b.clone(*op)->getResult(0);
    return intern(scalars, value);
  }

  Value rowIndex() override { return block.getArgument(flipped ? 1 : 0); }
  Value columnIndex() override { return block.getArgument(flipped ? 0 : 1); }

  FailureOr<MatrixElement> edge(Value offsets, Value columns, Value values) override {
    if (!visitsEdges || flipped) {
      fail("edges of a CSR matrix are needed at pairs that are not edges");
      return failure();
    }
    if (csrOffsets && (csrOffsets != offsets || csrColumns != columns)) {
      fail("edges of two CSR matrices meet in one entry");
      return failure();
    }
    csrOffsets = offsets;
    csrColumns = columns;
    if (!values)
      return MatrixElement{arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1)), {}};
    Value canonical = rankOf(values) == 1 ? insertUnitDim(sinks.b, loc, values, 1) : values;
    return MatrixElement{intern(edges, canonical), {}};
  }

  FailureOr<MatrixElement> tableElement(Value table) override;

  FailureOr<MatrixElement> blockElement(Value table, Value offsets, Value starts,
                                        int64_t numCodes) override;

  LogicalResult segments(Value offsets) override {
    if (!visitsSegments)
      return failure();
    segmentOffsets = offsets;
    return success();
  }

  SinkBuilder &outer() override { return sinks; }

  void start() {
    block.addArguments({b.getIndexType(), b.getIndexType()}, {loc, loc});
    b.setInsertionPointToEnd(&block);
  }

  FailureOr<SmallVector<Value>> finish(const MatrixElement &entry, ArrayRef<StreamSink> requested);

  std::string why;
  Block block;
  /// Functions of stored codes become tables.
  bool tabulates = true;
  bool hasLookups() const { return !lookups.empty(); }

private:
  using Operands = StreamOperands;

  void fail(const std::string &reason) {
    if (why.empty())
      why = reason;
  }

  Value intern(Operands &operands, Value value) {
    for (auto &[operand, argument] : operands)
      if (operand == value)
        return argument;
    Value argument = block.addArgument(b.getF32Type(), loc);
    operands.push_back({value, argument});
    return argument;
  }

  /// [B.., n, H, ..] from [n, ..] where the matrix has no heads.
  Value withHeads(Value tensor) {
    if (hasHeads)
      return tensor;
    Value &canonical = expanded[tensor];
    if (!canonical)
      canonical = insertUnitDim(sinks.b, loc, tensor, 1);
    return canonical;
  }

  Value pair(Value q, Value k, bool isDistance) {
    if (flipped)
      std::swap(q, k);
    q = withHeads(q);
    k = withHeads(k);
    for (auto &p : pairs)
      if (p.lhs == q && p.rhs == k && p.isDistance == isDistance)
        return p.argument;
    pairs.push_back({q, k, isDistance, block.addArgument(b.getF32Type(), loc)});
    return pairs.back().argument;
  }

  struct Pair {
    Value lhs, rhs;
    bool isDistance;
    Value argument;
  };

  /// Replaces what depends on the block's code, the head and scalars only by tables over the codes.
  void tabulate();

  /// Folds what is constant and drops what no element uses.
  void simplify();

  /// The init of a sink in canonical rank.
  Value canonicalInit(const StreamSink &sink, ArrayRef<StreamSink> all);
  /// Batch and heads of the stream, with rows: what row sums and maxima hold. Values may have more
  /// heads or a larger batch than the matrix, and the stream then runs over theirs.
  SmallVector<OpFoldResult> vectorSizes(ArrayRef<StreamSink> all);
  Value plainResult(Value result, SinkKind kind);

  SinkBuilder &sinks;
  Value root;
  bool hasHeads, visitsEdges, visitsSegments, scatter, swapsSizes, flipped;
  Value csrOffsets, csrColumns, segmentOffsets, blockTable, blockStarts, blockArgument;
  int64_t numCodes = 0;
  SmallVector<int64_t> band;
  SmallVector<Pair> pairs;
  Operands rows, cols, heads, scalars, edges, lookups;
  llvm::DenseMap<std::pair<Value, int>, MatrixElement> entries;
  llvm::DenseMap<Value, Value> expanded;
};

/// Where one dimension is static and small, the table is a vector along the other for each of its
/// indices, and the entry selects among them: exact also where the table holds infinities.
FailureOr<MatrixElement> StreamBuilder::tableElement(Value table) {
  constexpr int64_t kMostVectors = 64;
  auto type = cast<RankedTensorType>(table.getType());
  int64_t rank = type.getRank(), rows = type.getDimSize(rank - 2),
          columns = type.getDimSize(rank - 1);
  auto isSmall = [](int64_t size) {
    return !ShapedType::isDynamic(size) && size > 0 && size <= kMostVectors;
  };
  bool byColumn = isSmall(columns) && !(isSmall(rows) && rows < columns);
  if (!byColumn && !isSmall(rows)) {
    fail("a stored table with no dimension of at most " + std::to_string(kMostVectors) +
         " is not visited in a stream");
    return failure();
  }
  int64_t selected = byColumn ? rank - 1 : rank - 2, kept = byColumn ? rank - 2 : rank - 1;
  Value position = byColumn ? columnIndex() : rowIndex();
  OpBuilder &outerBuilder = sinks.b;
  SmallVector<OpFoldResult> sizes = mixedSizes(outerBuilder, loc, table),
                            vectorSizes(sizes.begin(), sizes.end() - 2);
  // [B.., H, n] to [B.., n, H].
  SmallVector<int64_t> vectorLoops(llvm::to_vector(llvm::seq<int64_t>(0, rank - 2)));
  int64_t at = std::max<int64_t>(rank - 3, 0);
  vectorSizes.insert(vectorSizes.begin() + at, sizes[kept]);
  vectorLoops.insert(vectorLoops.begin() + at, kept);
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)), strides(rank, b.getIndexAttr(1));
  sizes[selected] = b.getIndexAttr(1);
  SmallVector<int64_t> sliceLoops(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  sliceLoops[selected] = ~selected;
  Value entry;
  for (int64_t i = 0; i < type.getDimSize(selected); ++i) {
    offsets[selected] = b.getIndexAttr(i);
    Value slice = tensor::ExtractSliceOp::create(outerBuilder, loc, table, offsets, sizes, strides);
    Value empty = buildEmpty(outerBuilder, loc, vectorSizes, type.getElementType());
    Value vector = buildGeneric(outerBuilder, loc, {{slice, sliceLoops}}, {empty, vectorLoops},
                                [](OpBuilder &, Location, ValueRange args) { return args[0]; });
    Value element = byColumn ? atRow(vector) : atColumn(vector);
    if (entry) {
      Value here = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, position,
                                         arith::ConstantIndexOp::create(b, loc, i));
      entry = arith::SelectOp::create(b, loc, here, element, entry);
    } else {
      entry = element;
    }
  }
  return MatrixElement{entry, {}};
}

FailureOr<MatrixElement> StreamBuilder::blockElement(Value table, Value offsets, Value starts,
                                                     int64_t codes) {
  if (blockTable && blockTable != table) {
    fail("the blocks of two tables meet in one entry");
    return failure();
  }
  if (flipped) {
    fail("stored blocks are visited along their rows only");
    return failure();
  }
  if (failed(segments(offsets))) {
    fail("stored blocks are visited inside of their segments only");
    return failure();
  }
  if (!blockTable) {
    blockTable = table;
    blockStarts = starts;
    numCodes = codes;
    blockArgument = block.addArgument(b.getF32Type(), loc);
  }
  return MatrixElement{blockArgument, {}};
}

void StreamBuilder::tabulate() {
  if (!blockArgument || numCodes == 0)
    return;
  for (CodeTable &table :
       tabulateCodes(sinks.b, loc, block, {blockArgument, numCodes}, heads, scalars))
    lookups.push_back({table.table, table.argument});
}

void StreamBuilder::simplify() {
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      continue;
    b.setInsertionPoint(&op);
    SmallVector<Value> results;
    // The first time may only move a constant to the right.
    for (int i = 0; i < 2 && results.empty(); ++i)
      if (failed(b.tryFold(&op, results)))
        break;
    if (results.empty())
      continue;
    op.replaceAllUsesWith(results);
    op.erase();
  }
  b.setInsertionPointToEnd(&block);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
  llvm::erase_if(pairs, [](const Pair &p) { return p.argument.use_empty(); });
  for (Operands *operands : {&rows, &cols, &heads, &scalars, &edges, &lookups})
    llvm::erase_if(*operands, [](const auto &operand) { return operand.second.use_empty(); });
  if (blockArgument && blockArgument.use_empty() && lookups.empty())
    blockTable = blockStarts = blockArgument = Value();
}

SmallVector<OpFoldResult> StreamBuilder::vectorSizes(ArrayRef<StreamSink> all) {
  bool transposed = all.front().request.transposed;
  for (const StreamSink &sink : all)
    if (sink.request.v) {
      SmallVector<OpFoldResult> sizes =
          attn::detail::applySizes(sinks.b, loc, root, sink.request.v, transposed);
      sizes.pop_back();
      return sizes;
    }
  return attn::detail::rowSumSizes(sinks.b, loc, root, transposed);
}

Value StreamBuilder::canonicalInit(const StreamSink &sink, ArrayRef<StreamSink> all) {
  OpBuilder &outerBuilder = sinks.b;
  Value init = sink.request.init;
  if (!init && sink.kind == SinkKind::Materialize) {
    init = buildFilled(outerBuilder, loc, mixedSizes(outerBuilder, loc, root));
    auto fill = init.getDefiningOp<linalg::FillOp>();
    StringAttr origin = outerBuilder.getStringAttr(MaterializeOp::getOperationName());
    fill->setAttr(kOriginAttr, origin);
    fill.getOutputs().front().getDefiningOp()->setAttr(kOriginAttr, origin);
  } else if (!init && sink.kind == SinkKind::RowMax) {
    init =
        buildFilled(outerBuilder, loc, vectorSizes(all), -std::numeric_limits<double>::infinity());
  } else if (!init && sink.kind == SinkKind::RowSum) {
    init = buildFilled(outerBuilder, loc, vectorSizes(all));
  } else if (!init) {
    init = attn::detail::initFor(sinks, root, sink.request);
  }
  if (hasHeads)
    return init;
  // [n, width] and [n] get their head after the rows; a materialised table gets it in front.
  return insertUnitDim(outerBuilder, loc, init, sink.kind == SinkKind::Materialize ? 0 : 1);
}

Value StreamBuilder::plainResult(Value result, SinkKind kind) {
  if (hasHeads)
    return result;
  return removeUnitDim(sinks.b, loc, result, kind == SinkKind::Materialize ? 0 : 1);
}

FailureOr<SmallVector<Value>> StreamBuilder::finish(const MatrixElement &entry,
                                                    ArrayRef<StreamSink> requested) {
  OpBuilder &outerBuilder = sinks.b;
  if (visitsEdges && !csrOffsets) {
    fail("the edges of the CSR matrix are not visited");
    return failure();
  }
  // An entry for each scalar that multiplies it in some sink.
  SmallVector<Value> yielded{entry.value}, factors{Value()};
  SmallVector<int64_t> entryNumbers;
  for (const StreamSink &sink : requested) {
    Value factor = sink.request.scalar;
    auto known = llvm::find(factors, factor);
    entryNumbers.push_back(known - factors.begin());
    if (known == factors.end()) {
      factors.push_back(factor);
      yielded.push_back(arith::MulFOp::create(b, loc, entry.value, scalar(factor)));
    }
  }
  if (entry.present)
    yielded.push_back(entry.present);
  YieldOp::create(b, loc, yielded);
  if (tabulates)
    tabulate();
  simplify();

  auto values = [](const Operands &operands) {
    return llvm::map_to_vector(operands, [](const auto &operand) { return operand.first; });
  };
  SmallVector<Value> lhs, rhs, sinkValues, inits;
  SmallVector<bool> distances;
  for (const Pair &p : pairs) {
    lhs.push_back(p.lhs);
    rhs.push_back(p.rhs);
    distances.push_back(p.isDistance);
  }
  SmallVector<Attribute> kinds;
  for (const StreamSink &sink : requested) {
    if (sink.request.v)
      sinkValues.push_back(withHeads(sink.request.v));
    inits.push_back(canonicalInit(sink, requested));
    kinds.push_back(SinkKindAttr::get(b.getContext(), sink.kind));
  }
  int64_t rank = rankOf(root);
  Value numRows = dimValue(outerBuilder, loc, root, rank - 2),
        numColumns = dimValue(outerBuilder, loc, root, rank - 1);
  if (swapsSizes)
    std::swap(numRows, numColumns);
  auto op = StreamOp::create(
      outerBuilder, loc, TypeRange(ValueRange(inits)), segmentOffsets, csrOffsets, csrColumns,
      numRows, numColumns, lhs, rhs, values(rows), values(cols), values(heads), values(scalars),
      values(edges), blockTable, blockStarts, values(lookups), sinkValues, inits, distances,
      outerBuilder.getArrayAttr(kinds), entryNumbers, static_cast<bool>(entry.present), scatter,
      band.empty() ? DenseI64ArrayAttr() : outerBuilder.getDenseI64ArrayAttr(band));
  // Region arguments in the order of the operands.
  Block *body = new Block;
  op.getBody().push_back(body);
  auto take = [&](Value argument) {
    argument.replaceAllUsesWith(body->addArgument(argument.getType(), loc));
  };
  take(block.getArgument(0));
  take(block.getArgument(1));
  for (const Pair &p : pairs)
    take(p.argument);
  for (const Operands *operands : {&rows, &cols, &heads, &scalars, &edges})
    for (const auto &operand : *operands)
      take(operand.second);
  if (blockArgument)
    take(blockArgument);
  for (const auto &operand : lookups)
    take(operand.second);
  body->getOperations().splice(body->end(), block.getOperations());
  SmallVector<Value> results;
  for (auto [result, sink] : llvm::zip(op.getResults(), requested))
    results.push_back(plainResult(result, sink.kind));
  return results;
}

} // namespace

SmallVector<EdgeDirection> edgeDirections(Value matrix, ArrayRef<StreamSink> requested) {
  // Edges are visited in the direction in which they are stored; a transposition inside of an entry
  // may turn it, and then the values are scattered.
  bool gathers = llvm::all_of(requested, [](const StreamSink &sink) {
    return sink.kind == SinkKind::Apply || sink.kind == SinkKind::RowSum;
  });
  if (factsOf(matrix).support == Support::Sparse &&
      (gathers || requested.front().request.transposed))
    return {EdgeDirection::Stored, EdgeDirection::Against};
  return {EdgeDirection::Stored};
}

FailureOr<SmallVector<Value>> buildStream(SinkBuilder &sinks, Value matrix,
                                          ArrayRef<StreamSink> requested, EdgeDirection direction,
                                          bool tabulates, StreamNotes &notes) {
  OpBuilder regionBuilder(sinks.b.getContext());
  StreamBuilder builder(sinks, regionBuilder, matrix, requested.front().request.transposed,
                        direction);
  builder.tabulates = tabulates;
  builder.start();
  FailureOr<MatrixElement> entry = builder.elementOf(matrix);
  FailureOr<SmallVector<Value>> results = failure();
  if (succeeded(entry))
    results = builder.finish(*entry, requested);
  if (succeeded(results)) {
    notes.tabulated = builder.hasLookups();
    return results;
  }
  // The reason of a stream that this one needs (for row sums, say) comes first.
  if (notes.why.empty())
    notes.why = builder.why;
  builder.block.dropAllReferences();
  builder.block.clear();
  return failure();
}

} // namespace attune::rewrite
