// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gradformer (Liu et al. 2024) on a batch of graphs, at inference, as the published code computes
// it. In each layer, with batch norms by their running statistics:
//   h1 = BN1(mpnn(x) + x);  h2 = BN2(attention(x) + x);  x = h1 + h2;  x = BN3(x + W2 relu(W1 x))
//   attention = softmax over the nodes of the graph of (q.k / sqrt d) * gamma^leaky(hops - hop_h)
// hops: length of the shortest path in edges, 510 where there is none. The decay multiplies the
// logit, so that a far node has weight exp(0) before normalising, not none. hop_h is learned, one
// for each head in all layers. The published code pads graphs to one size and masks; here nothing
// is padded.
//   gin: mlp((1 + eps) x_i + sum_j x_j);  gine: mlp((1 + eps) x_i + sum_j relu(x_j + e_ij))
//   gatedgcn: x_i + relu(BN(A x_i + sum_j s_ij B x_j / (sum_j s_ij + 1e-6))), s_ij = sigmoid(D x_i
//   + E x_j + C e_ij), with equivstable-pe times sigmoid(mlp(|pe_i - pe_j|^2)); its edge output is
//   not used by this model.
// Edges lead from j to i; hops_ij counts edges on the way from i to j.

#include "ModelBuilder.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Models/Models.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "attune/Dialect/Attn/Kernels.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::models;

static constexpr Option kOptions[] = {
    {"mpnn", OptionKind::Choice, "gin", "message passing next to the attention",
     "gin|gine|gatedgcn"},
    {"in", OptionKind::Count, "",
     "width of the features x; with node-method=embedding the number of node types"},
    {"pe", OptionKind::Count, "20", "width of the positional encoding pe"},
    {"channels", OptionKind::Count, "64", "width of the layers"},
    {"heads", OptionKind::Count, "4", "heads of the attention; a divisor of channels"},
    {"layers", OptionKind::Layers, "4", "number of layers"},
    {"gamma", OptionKind::Number, "0.6", "decay of an attention logit with each hop"},
    {"slope", OptionKind::Number, "0",
     "slope of the leaky relu on hops - hop; 0: no decay within hop hops"},
    {"node-method", OptionKind::Choice, "add", "how x and pe become one",
     "add|linear|embedding|no_pe"},
    {"pe-dim", OptionKind::Count, "20", "channels of pe with node-method linear or embedding"},
    {"pe-norm", OptionKind::Flag, "false", "batch norm of pe"},
    {"edge-method", OptionKind::Choice, "none",
     "how edge_attr becomes edge features, for gine and gatedgcn", "none|linear|embedding"},
    {"edge-in", OptionKind::Count, "1",
     "width of edge_attr; with edge-method=embedding the number of edge types"},
    {"equivstable-pe", OptionKind::Flag, "false", "gates of gatedgcn see the distance of pe"},
    {"pool", OptionKind::Choice, "add", "how nodes become a graph; none: logits for each node",
     "add|mean|max|none"},
    {"head", OptionKind::Choice, "linear", "from features to logits", "linear|mlp"},
    {"tasks", OptionKind::Count, "", "width of the logits"},
};

static std::string checkTogether(const Options &options) {
  auto given = [&](StringRef key) {
    return "`" + key.str() + "` is `" + options.text(key).str() + "`";
  };
  int64_t channels = options.count("channels"), heads = options.count("heads");
  StringRef method = options.text("node-method"), mpnn = options.text("mpnn");
  if (channels % heads != 0)
    return given("heads") + ", expected a divisor of " + std::to_string(channels) +
           ", the channels";
  if ((method == "linear" || method == "embedding") && options.count("pe-dim") >= channels)
    return given("pe-dim") + ", expected below " + std::to_string(channels) + ", the channels";
  if (mpnn != "gin" && options.text("edge-method") == "none")
    return given("edge-method") + " but " + given("mpnn") + ", expected linear or embedding";
  if (options.flag("equivstable-pe") && mpnn != "gatedgcn")
    return given("equivstable-pe") + " but " + given("mpnn") + ", expected gatedgcn";
  if (options.text("head") == "mlp" && channels < 4)
    return given("channels") + ", expected at least 4 with head=mlp";
  return "";
}

namespace {
class Gradformer {
public:
  Gradformer(ModelBuilder &b, const Options &options)
      : b(b), options(options), channels(options.count("channels")), heads(options.count("heads")) {
  }
  void build();

private:
  ModelBuilder &b;
  const Options &options;
  int64_t channels, heads;
  Graph graph;
  Value graphOffsets, pe;
  /// hop_h [heads], hops [1, N, N], edge features in the order of the sorted edges, sources and
  /// targets of these.
  Value hop, hops, edgeFeatures, targets;

  bool is(StringRef key, StringRef value) { return options.text(key) == value; }
  Value embed(Value types, StringRef table, int64_t count, int64_t width);
  void addInputs();
  Value nodeFeatures(Value x);
  Value sumOverEdges(Value messages, StringRef name);
  Value sigmoid(ValueRange terms, StringRef name);
  Value gin(Value x);
  Value gine(Value x);
  Value gatedGcn(Value x);
  Value decayed(Value q, Value k);
  Value attend(Value x);
  Value layer(Value x);
  Value readOut(Value x);

  Value x;
  Value edgeAttributes;
};
} // namespace

void Gradformer::addInputs() {
  int64_t in = options.count("in"), edgeIn = options.count("edge-in");
  if (is("node-method", "embedding"))
    x = b.addFeatureTypes(in);
  else
    x = b.addFeatures(in);
  if (!is("node-method", "no_pe") || options.flag("equivstable-pe"))
    pe = b.addInput("pe", b.getF32Type(), {ShapedType::kDynamic, options.count("pe")}, {"N", ""});
  Value edgeIndex = b.addEdgeIndex();
  if (!is("mpnn", "gin")) {
    if (is("edge-method", "embedding"))
      edgeAttributes = b.addTypes("edge_attr", "E", edgeIn);
    else
      edgeAttributes =
          b.addInput("edge_attr", b.getF32Type(), {ShapedType::kDynamic, edgeIn}, {"E", ""});
  }
  b.declareSize("G");
  graphOffsets = b.addInput("graph_offsets", b.getI64Type(), {ShapedType::kDynamic}, {"G+1"},
                            b.getNamedAttr(kOffsetsOfAttr, b.getStringAttr("N")));
  graph = b.sortEdges(edgeIndex, /*dropSelfLoops=*/false);
  hop = b.collapse(b.addWeight("hop", {heads, 1, 1}), 0, 3, "hop.heads");
  // Rows are sources here: a step leads along the edge.
  Graph steps = b.sortEdges(edgeIndex, /*dropSelfLoops=*/false, /*bySource=*/true);
  auto type = attn::MatrixType::get(b.getContext(), {1, ShapedType::kDynamic, ShapedType::kDynamic},
                                    b.getF32Type());
  hops = attn::HopsOp::create(b.at("hops"), type, steps.offsets, steps.columns, graphOffsets);
}

Value Gradformer::embed(Value types, StringRef table, int64_t count, int64_t width) {
  Value weight = b.addWeight((table + ".weight").str(), {count, width});
  return nn::GatherOp::create(b.at(table), weight, types);
}

Value Gradformer::nodeFeatures(Value x) {
  if (pe && options.flag("pe-norm"))
    pe = b.batchNorm(pe, "pe_norm");
  int64_t peWidth = options.count("pe-dim");
  if (is("node-method", "no_pe"))
    return b.linear(x, "no_pe", channels);
  if (is("node-method", "add"))
    return b.add(b.linear(x, "node_add", channels), b.linear(pe, "pe_add", channels), "nodes");
  Value own = is("node-method", "linear")
                  ? b.linear(x, "node_lin", channels - peWidth)
                  : embed(x, "node_emb", options.count("in"), channels - peWidth);
  return b.concatenate({own, b.linear(pe, "pe_lin", peWidth)}, 1, "nodes");
}

Value Gradformer::sumOverEdges(Value messages, StringRef name) {
  return nn::SegmentPoolOp::createFor(b, b.at(name).getLoc(), nn::PoolKind::Sum, messages,
                                      graph.offsets)
      .getResult(0);
}

Value Gradformer::sigmoid(ValueRange terms, StringRef name) {
  return b.map(terms, name, [](ModelBuilder &b, ValueRange args) -> Value {
    Value sum = args[0];
    for (Value term : args.drop_front())
      sum = arith::AddFOp::create(b, sum, term);
    return attn::findKernel("sigmoid")->build(b, b.getLoc(), sum);
  });
}

/// 1 + eps, which the published settings leave at 1.
static Value selfWeight(ModelBuilder &b) {
  Value eps = b.addWeight("conv.eps", {1}), zero = b.index(0), one = b.f32(1.0);
  Value number = tensor::ExtractOp::create(b.at("conv.self"), eps, zero);
  return arith::AddFOp::create(b, one, number);
}

/// Two layers on (1 + eps) x_i + sum over j of x_j.
static Value ginLayers(ModelBuilder &b, Value sum, int64_t channels) {
  sum = b.relu(b.linear(sum, "conv.nn.0", channels), "conv.nn.1");
  return b.linear(sum, "conv.nn.2", channels);
}

Value Gradformer::gin(Value x) {
  Value edges = b.adjacency(graph, Value(), "conv.edges");
  auto type = attn::MatrixType::get(b.getContext(), {ShapedType::kDynamic, ShapedType::kDynamic},
                                    b.getF32Type());
  Value weight = selfWeight(b);
  Value self = attn::DiagonalOp::create(b.at("conv.self"), type, weight, Value(),
                                        ValueRange{b.rows(), b.rows()});
  Value both = attn::AddOp::create(b.at("conv.neighbours"), edges, self);
  return ginLayers(b, attn::ApplyOp::create(b.at("conv"), both, x, Value()), channels);
}

Value Gradformer::gine(Value x) {
  Value sources = nn::GatherOp::create(b.at("conv.sources"), x, graph.columns);
  Value messages = b.map(
      {sources, edgeFeatures}, "conv.messages", [](ModelBuilder &b, ValueRange args) -> Value {
        return arith::MaximumFOp::create(b, arith::AddFOp::create(b, args[0], args[1]), b.f32(0.0));
      });
  Value weight = selfWeight(b), sum = sumOverEdges(messages, "conv.sum");
  auto total = nn::MapOp::create(b.at("conv"), ValueRange{x, sum}, ValueRange{weight});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setLoc(UnknownLoc::get(b.getContext()));
    SmallVector<Type> types(3, b.getF32Type());
    Block *block = b.createBlock(&total.getBody(), {}, types, SmallVector<Location>(3, b.getLoc()));
    Value own = arith::MulFOp::create(b, block->getArgument(2), block->getArgument(0));
    attn::YieldOp::create(b, arith::AddFOp::create(b, own, block->getArgument(1)).getResult());
  }
  return ginLayers(b, total.getResult(), channels);
}

Value Gradformer::gatedGcn(Value x) {
  auto along = [&](Value rows, bool atTargets, StringRef name) -> Value {
    return nn::GatherOp::create(b.at(name), rows, atTargets ? targets : graph.columns);
  };
  Value own = b.linear(x, "conv.A", channels), other = b.linear(x, "conv.B", channels);
  Value edge = b.linear(edgeFeatures, "conv.C", channels);
  Value atTarget = along(b.linear(x, "conv.D", channels), true, "conv.D.targets");
  Value atSource = along(b.linear(x, "conv.E", channels), false, "conv.E.sources");
  Value gates = sigmoid({atTarget, atSource, edge}, "conv.gates");
  if (options.flag("equivstable-pe")) {
    Value difference =
        b.map({along(pe, true, "conv.pe.targets"), along(pe, false, "conv.pe.sources")},
              "conv.pe.squares", [](ModelBuilder &b, ValueRange args) -> Value {
                Value difference = arith::SubFOp::create(b, args[0], args[1]);
                return arith::MulFOp::create(b, difference, difference);
              });
    // The sum over the columns as a product with ones, [E, 1].
    b.at("conv.pe.ones");
    Value ones = buildFilled(b, b.getLoc(),
                             {b.getIndexAttr(1), b.getIndexAttr(ModelBuilder::width(pe))}, 1.0);
    Value distance = nn::LinearOp::create(b.at("conv.pe.distance"), difference, ones, Value());
    Value hidden = b.relu(b.linear(distance, "conv.mlp_r_ij.0", channels), "conv.mlp_r_ij.1");
    Value factor = sigmoid(b.linear(hidden, "conv.mlp_r_ij.2", 1), "conv.mlp_r_ij.3");
    b.at("conv.gates.stable");
    Value out = tensor::EmptyOp::create(b, mixedSizes(b, b.getLoc(), gates), b.getF32Type());
    gates = buildGeneric(b, b.getLoc(), {{gates, {0, 1}}, {factor, {0, ~1}}}, {out, {0, 1}},
                         [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                           return arith::MulFOp::create(b, loc, args[0], args[1]);
                         });
  }
  Value messages = b.map({gates, along(other, false, "conv.B.sources")}, "conv.messages",
                         [](ModelBuilder &b, ValueRange args) -> Value {
                           return arith::MulFOp::create(b, args[0], args[1]);
                         });
  Value numerator = sumOverEdges(messages, "conv.numerator"),
        denominator = sumOverEdges(gates, "conv.denominator");
  Value sum =
      b.map({own, numerator, denominator}, "conv", [](ModelBuilder &b, ValueRange args) -> Value {
        Value divisor = arith::AddFOp::create(b, args[2], b.f32(1.0e-6));
        return arith::AddFOp::create(b, args[0], arith::DivFOp::create(b, args[1], divisor));
      });
  return b.add(x, b.relu(b.batchNorm(sum, "conv.bn_node_x"), "conv.act"), "conv.residual");
}

/// The logits [H, N, N] of all pairs inside graphs: q.k / sqrt d times the decay.
Value Gradformer::decayed(Value q, Value k) {
  Value dot = attn::DotOp::create(b.at("attn.dot"), q, k);
  auto op =
      attn::MapOp::create(b.at("attn.decayed"), dot.getType(), ValueRange{dot, hops}, ValueRange(),
                          ValueRange(), ValueRange{hop}, ValueRange(), b.getStringAttr("decay"));
  OpBuilder::InsertionGuard guard(b);
  b.setLoc(UnknownLoc::get(b.getContext()));
  SmallVector<Type> types(3, b.getF32Type());
  Block *block = b.createBlock(&op.getBody(), {}, types, SmallVector<Location>(3, b.getLoc()));
  Value beyond = arith::SubFOp::create(b, block->getArgument(1), block->getArgument(2));
  Value within = arith::MulFOp::create(b, beyond, b.f32(options.number("slope")));
  Value isBeyond = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, beyond, b.f32(0.0));
  Value exponent = arith::SelectOp::create(b, isBeyond, beyond, within);
  Value decay = math::PowFOp::create(b, b.f32(options.number("gamma")), exponent);
  double perHead = double(channels / heads);
  decay = arith::MulFOp::create(b, decay, b.f32(1 / std::sqrt(perHead)));
  attn::YieldOp::create(b, arith::MulFOp::create(b, block->getArgument(0), decay).getResult());
  return op.getResult();
}

Value Gradformer::attend(Value x) {
  Value q = b.splitHeads(b.linear(x, "attn.linears.0", channels), heads, "attn.query");
  Value k = b.splitHeads(b.linear(x, "attn.linears.1", channels), heads, "attn.key");
  Value v = b.splitHeads(b.linear(x, "attn.linears.2", channels), heads, "attn.value");
  Value logits = decayed(q, k);
  Value weights = attn::SoftmaxOp::create(b.at("attn.weights"), logits);
  Value out = attn::ApplyOp::create(b.at("attn"), weights, v, Value());
  return b.linear(b.collapse(out, 1, 2, "attn.rows"), "attn.linears.3", channels);
}

Value Gradformer::layer(Value x) {
  Value local = is("mpnn", "gin") ? gin(x) : is("mpnn", "gine") ? gine(x) : gatedGcn(x);
  local = b.batchNorm(b.add(local, x, "sum1"), "norm1.module");
  Value global = b.batchNorm(b.add(attend(x), x, "sum2"), "norm2.module");
  x = b.add(local, global, "sum");
  Value inner = b.relu(b.linear(x, "mlp.0", 2 * channels), "mlp.1");
  return b.batchNorm(b.add(x, b.linear(inner, "mlp.3", channels), "sum3"), "norm3.module");
}

Value Gradformer::readOut(Value x) {
  if (!is("pool", "none")) {
    nn::PoolKind kind = is("pool", "mean")  ? nn::PoolKind::Mean
                        : is("pool", "max") ? nn::PoolKind::Max
                                            : nn::PoolKind::Sum;
    x = nn::SegmentPoolOp::createFor(b, b.at("pool").getLoc(), kind, x, graphOffsets).getResult(0);
  }
  int64_t tasks = options.count("tasks");
  if (is("head", "linear"))
    return b.linear(x, "lin", tasks);
  x = b.relu(b.linear(x, "mlp.0", channels / 2), "mlp.1");
  x = b.relu(b.linear(x, "mlp.2", channels / 4), "mlp.3");
  return b.linear(x, "mlp.4", tasks);
}

void Gradformer::build() {
  addInputs();
  if (edgeAttributes) {
    Value sorted = nn::GatherOp::create(b.at("edges.sorted"), edgeAttributes, graph.edges);
    edgeFeatures = is("edge-method", "embedding")
                       ? embed(sorted, "edge_emb", options.count("edge-in"), channels)
                       : b.linear(sorted, "edge_lin", channels);
  }
  if (is("mpnn", "gatedgcn")) {
    Value ends = b.edgeEnds(graph, 1, "edges.ends");
    targets = nn::GatherOp::create(b.at("edges.targets"), ends, graph.edges);
  }
  Value features = nodeFeatures(x);
  for (int64_t i = 0, layers = options.count("layers"); i < layers; ++i) {
    b.enterScope("convs." + llvm::Twine(i));
    features = layer(features);
  }
  b.enterScope("");
  b.finish(readOut(features), "logits", is("pool", "none") ? "N" : "G");
}

static void buildGradformer(ModelBuilder &b, const Options &options) {
  Gradformer(b, options).build();
}

namespace attune::models {
extern const Model gradformerModel;
const Model gradformerModel = {"gradformer", "graph transformer whose attention decays with hops",
                               kOptions, buildGradformer, checkTogether};
} // namespace attune::models
