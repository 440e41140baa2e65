// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DIFFormer (Wu et al. 2023), at inference, as the published code computes it:
//   x_0 = relu(LN(fcs.0 x));   x <- LN(alpha conv(x) + (1 - alpha) x);   logits = fcs.1 x
//   conv(x) = mean over heads of (P + G) v, + x_0 with use-source;   graph-weight w > 0: (1 - w) P
//   + w G simple:  P = rows of 1 + q.k / (|q|_F |k|_F), each divided by its sum; |.|_F over the
//   whole tensor sigmoid: P = rows of 1 / (1 + exp(-q.k)), each divided by its sum G_ij = sum over
//   edges e: j -> i of w_e sqrt(1/d_i) sqrt(1/d_j), d the number of edges into a node;
//          what is not finite counts as 0
// batched is version 2: P is block diagonal over the graphs and a relu follows each layer's norm.
// For `sigmoid` this is the paper's meaning; the published version 2 code mixes graphs there. G is
// built once and shared by all layers and heads.

#include "ModelBuilder.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Structure.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Models/Models.h"
#include "attune/Sizes/EntryAttrs.h"

#include <limits>

using namespace mlir;
using namespace attune;
using namespace attune::models;

static constexpr Option kOptions[] = {
    {"in", OptionKind::Count, "", "width of the features x"},
    {"hidden", OptionKind::Count, "64", "width of the layers, and of each head"},
    {"classes", OptionKind::Count, "", "width of the logits"},
    {"layers", OptionKind::Layers, "2", "number of attention layers"},
    {"heads", OptionKind::Count, "1", "heads of each layer, averaged"},
    {"kernel", OptionKind::Choice, "simple", "attention: DIFFormer-s (simple) or -a (sigmoid)",
     "simple|sigmoid"},
    {"alpha", OptionKind::Share, "0.5", "share of a layer in its residual sum"},
    {"graph-weight", OptionKind::Weight, "-1",
     "share of the graph term next to the attention; -1 adds the two"},
    {"use-graph", OptionKind::Flag, "true", "adds the graph term; without it no edge_index"},
    {"use-weight", OptionKind::Flag, "true", "values have weights Wv; without them v = x"},
    {"use-source", OptionKind::Flag, "false", "adds the first layer's input to each layer"},
    {"use-residual", OptionKind::Flag, "true",
     "residual sum with alpha; without it alpha is unused"},
    {"use-norm", OptionKind::Flag, "true", "layer norms bns.<i>"},
    {"batched", OptionKind::Flag, "false",
     "version 2: a batch of graphs, split by graph_offsets, and a relu after each layer"},
    {"edge-weight", OptionKind::Flag, "false", "edges have weights edge_weight"},
};

static std::string checkTogether(const Options &options) {
  if (options.flag("edge-weight") && !options.flag("use-graph"))
    return "`edge-weight` is true but `use-graph` is false, expected a graph term to weigh";
  return "";
}

namespace {
/// What all layers share.
struct Shared {
  const Options &options;
  Value first;        // input of the first layer
  Value graph;        // the graph term, null without
  Value graphOffsets; // null unless batched
};
} // namespace

/// G [1, N, N]: one head, which the others share.
static Value buildGraphTerm(ModelBuilder &b, Value edgeIndex, Value edgeWeight) {
  Graph graph = b.sortEdges(edgeIndex, /*dropSelfLoops=*/false);
  Value pattern = b.adjacency(graph, Value(), "graph.edges");
  Value degrees = attn::RowSumsOp::create(b.at("graph.degrees"), pattern, Value());
  Value root = b.map(degrees, "graph.root", [](ModelBuilder &b, ValueRange degree) -> Value {
    Value inverse = arith::DivFOp::create(b, b.f32(1.0), degree[0]);
    return math::SqrtOp::create(b, inverse);
  });

  Value targets = b.edgeEnds(graph, 1, "graph.targets");
  Value sources = b.edgeEnds(graph, 0, "graph.sources");
  SmallVector<Value> factors;
  if (edgeWeight)
    factors.push_back(edgeWeight);
  factors.push_back(nn::GatherOp::create(b.at("graph.at_targets"), root, targets));
  factors.push_back(nn::GatherOp::create(b.at("graph.at_sources"), root, sources));
  // From left to right, as the published code multiplies: rounding and overflow are the same.
  Value values = b.map(factors, "graph.values", [](ModelBuilder &b, ValueRange factor) -> Value {
    Value product = factor[0];
    for (Value next : factor.drop_front())
      product = arith::MulFOp::create(b, product, next);
    Value size = math::AbsFOp::create(b, product);
    Value infinity = b.f32(std::numeric_limits<double>::infinity());
    Value isFinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, size, infinity);
    return arith::SelectOp::create(b, isFinite, product, b.f32(0.0));
  });

  Value sorted = nn::GatherOp::create(b.at("graph.sorted"), values, graph.edges);
  auto type = RankedTensorType::get({ShapedType::kDynamic, 1}, b.getF32Type());
  b.at("graph.column");
  SmallVector<ReassociationIndices> groups = {{0, 1}};
  Value column = tensor::ExpandShapeOp::create(
      b, type, sorted, groups, SmallVector<OpFoldResult>{b.edges(), b.getIndexAttr(1)});
  return b.adjacency(graph, column, "graph");
}

/// P [heads, N, N].
static Value buildAttention(ModelBuilder &b, const Shared &shared, Value q, Value k) {
  Value matrix;
  if (shared.options.text("kernel") == "simple") {
    q = nn::FrobeniusNormalizeOp::create(b.at("query.unit"), q);
    k = nn::FrobeniusNormalizeOp::create(b.at("key.unit"), k);
    Value dot = attn::DotOp::create(b.at("dot"), q, k);
    b.at("ones");
    Value ones =
        attn::SplatOp::create(b, dot.getType(), b.f32(1.0), ValueRange{b.rows(), b.rows()});
    matrix = attn::AddOp::create(b.at("kernel"), ones, dot);
  } else {
    Value dot = attn::DotOp::create(b.at("dot"), q, k);
    matrix = b.kernel(dot, "sigmoid", "kernel");
  }
  if (shared.graphOffsets)
    matrix = attn::RestrictOp::create(b.at("blocks"), matrix, attn::MaskKind::Segments,
                                      shared.graphOffsets, DenseI64ArrayAttr());
  return attn::NormalizeRowsOp::create(b.at("weights"), matrix);
}

/// P + G, or their weighted sum.
static Value addGraphTerm(ModelBuilder &b, const Shared &shared, Value attention) {
  double weight = shared.options.number("graph-weight");
  Value graph = shared.graph;
  if (weight > 0) {
    b.at("weights.scaled");
    attention = attn::ScaleOp::create(b, attention, Value(), Value(), Value(), b.f32(1.0 - weight));
    b.at("graph.scaled");
    graph = attn::ScaleOp::create(b, graph, Value(), Value(), Value(), b.f32(weight));
  }
  return attn::AddOp::create(b.at("weights.both"), attention, graph);
}

/// conv(x), then the residual sum: one elementwise function at the end.
static Value buildLayer(ModelBuilder &b, const Shared &shared, Value x) {
  const Options &options = shared.options;
  int64_t heads = options.count("heads");
  int64_t wide = heads * options.count("hidden");
  Value q = b.splitHeads(b.linear(x, "Wq", wide), heads, "query");
  Value k = b.splitHeads(b.linear(x, "Wk", wide), heads, "key");
  Value v = options.flag("use-weight") ? b.splitHeads(b.linear(x, "Wv", wide), heads, "value")
                                       : b.splitHeads(x, 1, "value");
  Value matrix = buildAttention(b, shared, q, k);
  if (shared.graph)
    matrix = addGraphTerm(b, shared, matrix);
  Value result = attn::ApplyOp::create(b.at("attention"), matrix, v, Value());
  result = nn::MeanOp::create(b.at("mean"), result, 1);

  bool hasSource = options.flag("use-source"), hasResidual = options.flag("use-residual");
  SmallVector<Value> parts = {result};
  if (hasSource)
    parts.push_back(shared.first);
  if (hasResidual)
    parts.push_back(x);
  if (parts.size() == 1)
    return result;
  double alpha = options.number("alpha");
  return b.map(parts, "update", [&](ModelBuilder &b, ValueRange part) -> Value {
    Value sum = part[0];
    if (hasSource)
      sum = arith::AddFOp::create(b, sum, part[1]);
    if (!hasResidual)
      return sum;
    Value fresh = arith::MulFOp::create(b, b.f32(alpha), sum);
    Value kept = arith::MulFOp::create(b, b.f32(1.0 - alpha), part.back());
    return arith::AddFOp::create(b, fresh, kept);
  });
}

static void buildDifformer(ModelBuilder &b, const Options &options) {
  Value x = b.addFeatures(options.count("in"));
  Shared shared{options, {}, {}, {}};
  bool isBatched = options.flag("batched"), hasNorm = options.flag("use-norm");
  Value edgeIndex, edgeWeight;
  if (options.flag("use-graph"))
    edgeIndex = b.addEdgeIndex();
  if (options.flag("edge-weight"))
    edgeWeight = b.addInput("edge_weight", b.getF32Type(), {ShapedType::kDynamic}, {"E"});
  if (isBatched) {
    b.declareSize("G");
    shared.graphOffsets = b.addInput("graph_offsets", b.getI64Type(), {ShapedType::kDynamic},
                                     {"G+1"}, b.getNamedAttr(kOffsetsOfAttr, b.getStringAttr("N")));
  }
  if (edgeIndex)
    shared.graph = buildGraphTerm(b, edgeIndex, edgeWeight);

  x = b.linear(x, "fcs.0", options.count("hidden"));
  if (hasNorm)
    x = b.layerNorm(x, "bns.0");
  x = shared.first = b.relu(x, "input");

  for (int64_t i = 0, layers = options.count("layers"); i < layers; ++i) {
    b.enterScope("convs." + llvm::Twine(i));
    x = buildLayer(b, shared, x);
    b.enterScope("");
    if (hasNorm)
      x = b.layerNorm(x, "bns." + std::to_string(i + 1));
    if (isBatched)
      x = b.relu(x, "layer." + std::to_string(i + 1));
  }
  b.finish(b.linear(x, "fcs.1", options.count("classes")), "logits");
}

namespace attune::models {
extern const Model difformerModel;
const Model difformerModel = {"difformer", "diffusion transformer for nodes of a graph", kOptions,
                              buildDifformer, checkTogether};
} // namespace attune::models
