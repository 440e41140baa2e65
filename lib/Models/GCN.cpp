// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GCN (Kipf and Welling 2017), at inference. Per layer
//   x <- relu(A x W^T + b),   A_ij = a_ij / sqrt(d_i d_j),   a = edges without self loops +
//   identity, d = row sums of a; the last layer has no relu. The bias comes after the propagation.
// A self loop counts once, whether the data holds it or not, as in PyTorch Geometric, whose names
// the weights have. A is built once and shared by the layers.

#include "ModelBuilder.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Models/Models.h"

using namespace mlir;
using namespace attune;
using namespace attune::models;

static constexpr Option kOptions[] = {
    {"in", OptionKind::Count, "", "width of the features x"},
    {"hidden", OptionKind::Count, "16", "width between the layers"},
    {"classes", OptionKind::Count, "", "width of the logits"},
    {"layers", OptionKind::Layers, "2", "number of layers"},
};

/// The symmetrically normalised adjacency with self loops.
static Value buildPropagation(ModelBuilder &b, Value edgeIndex) {
  Graph graph = b.sortEdges(edgeIndex, /*dropSelfLoops=*/true);
  Value edges = b.adjacency(graph, Value(), "graph.edges");
  auto type = llvm::cast<attn::MatrixType>(edges.getType());
  b.at("graph.loops");
  Value loops =
      attn::DiagonalOp::create(b, type, b.f32(1.0), Value(), ValueRange{b.rows(), b.rows()});
  Value both = attn::AddOp::create(b.at("graph.pattern"), edges, loops);
  Value degrees = attn::RowSumsOp::create(b.at("graph.degrees"), both, Value());
  Value root = b.map(degrees, "graph.root", [](ModelBuilder &b, ValueRange degree) -> Value {
    return math::RsqrtOp::create(b, degree[0]);
  });
  return attn::ScaleOp::create(b.at("graph"), both, root, root, Value(), Value());
}

static void buildGcn(ModelBuilder &b, const Options &options) {
  Value x = b.addFeatures(options.count("in"));
  Value edgeIndex = b.addEdgeIndex();
  Value propagation = buildPropagation(b, edgeIndex);

  int64_t layers = options.count("layers");
  for (int64_t i = 1; i <= layers; ++i) {
    b.enterScope("conv" + llvm::Twine(i));
    int64_t outputs = i == layers ? options.count("classes") : options.count("hidden");
    Value h = b.linear(x, "lin", outputs, /*hasBias=*/false);
    Value bias = b.repeatRows(b.addWeight("bias", {outputs}), "bias.rows");
    x = attn::ApplyOp::create(b.at("propagate"), propagation, h, bias);
    if (i < layers)
      x = b.relu(x, "relu");
  }
  b.finish(x, "logits");
}

namespace attune::models {
extern const Model gcnModel;
const Model gcnModel = {"gcn", "graph convolutional network (the layer adds self loops)", kOptions,
                        buildGcn};
} // namespace attune::models
