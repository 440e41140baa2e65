// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known about matrix expressions: which entries are present, and that shared operands are
// looked at once.

#include "attune/Dialect/Attn/AttnBase.h"
#include "test/Unit/Sizes/ParsedModule.h"

using namespace mlir;
using namespace attune;
using namespace attune::attn;

namespace attune::attn {
static void PrintTo(Support support, std::ostream *os) {
  constexpr const char *names[] = {"Full", "Segments", "Masked", "Sparse", "Diagonal"};
  *os << names[static_cast<int>(support)];
}
} // namespace attune::attn

namespace {

/// A function with N rows, M columns, a graph of E edges and G segments, and sources of each kind.
class Facts {
public:
  explicit Facts(const std::string &body)
      : module(R"(
func.func @f(%q: tensor<?x64xf32> {attune.dims = ["N", ""]}, %k: tensor<?x64xf32> {attune.dims = ["M", ""]},
             %h: tensor<?x?x4x8xf32> {attune.dims = ["B", "N", "", ""]},
             %offsets: tensor<?xi64> {attune.dims = ["N+1"]}, %columns: tensor<?xi32> {attune.dims = ["E"]},
             %segments: tensor<?xi64> {attune.dims = ["G+1"]}, %r: tensor<?xf32> {attune.dims = ["N"]},
             %keys: tensor<?xi8> {attune.dims = ["N"]}, %given: !attn.matrix<?x?xf32> loc("given")) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %q, %c0 : tensor<?x64xf32>
  %m = tensor.dim %k, %c0 : tensor<?x64xf32>
  %one = arith.constant 1.0 : f32
  %dot = attn.dot %q, %k : tensor<?x64xf32>, tensor<?x64xf32> loc("dot")
  %self = attn.dot %q, %q : tensor<?x64xf32>, tensor<?x64xf32> loc("self")
  %splat = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32> loc("splat")
  %eye = attn.diagonal scalar(%one) sizes(%n, %n) : !attn.matrix<?x?xf32> loc("eye")
  %graph = attn.adjacency %offsets, %columns columns(%n) unique : tensor<?xi64>, tensor<?xi32> loc("graph")
  %window = attn.restrict %self window [3, 1] : !attn.matrix<?x?xf32> loc("window")
  %causal = attn.restrict %self causal : !attn.matrix<?x?xf32> loc("causal")
  %blocked = attn.restrict %self segments(%segments : tensor<?xi64>) : !attn.matrix<?x?xf32> loc("blocked")
)" + body + "\n  return\n}\n") {}

  MatrixFacts operator[](StringRef name) const {
    if (module.isValid() && module.has(name))
      return factsOf(module.value(name));
    ADD_FAILURE() << "no value `" << name.str() << "`";
    return {};
  }

  ParsedModule module;
};

/// Band as [left, right], -1 for none.
std::pair<int64_t, int64_t> bandOf(const MatrixFacts &facts) {
  return {facts.left.value_or(-1), facts.right.value_or(-1)};
}

std::pair<int64_t, int64_t> band(int64_t left, int64_t right) { return {left, right}; }

TEST(MatrixFacts, Dot) {
  Facts f("");
  MatrixFacts dot = f["dot"];
  EXPECT_EQ(dot.rows.str(), "N");
  EXPECT_EQ(dot.columns.str(), "M");
  EXPECT_EQ(dot.support, Support::Full);
  EXPECT_TRUE(dot.complete && dot.rowsNonEmpty && dot.uniqueEntries);
  EXPECT_EQ(bandOf(dot), band(-1, -1));
}

TEST(MatrixFacts, OtherSources) {
  Facts f(R"(
  %distance = attn.distance %q, %k : tensor<?x64xf32>, tensor<?x64xf32> loc("distance")
  %offset = attn.offset sizes(%n, %m) : !attn.matrix<?x?xf32> loc("offset")
  %table = tensor.empty(%n) : tensor<2x?x49xf32>
  %dense = attn.dense %table : tensor<2x?x49xf32> loc("dense"))");
  for (const char *name : {"distance", "offset", "splat", "dense"})
    EXPECT_TRUE(f[name].support == Support::Full && f[name].complete) << name;

  MatrixFacts eye = f["eye"];
  EXPECT_EQ(eye.support, Support::Diagonal);
  EXPECT_EQ(bandOf(eye), band(0, 0));
  EXPECT_TRUE(eye.rowsNonEmpty);
}

TEST(MatrixFacts, Graphs) {
  Facts f(R"(
  %doubled = attn.adjacency %offsets, %columns columns(%m) : tensor<?xi64>, tensor<?xi32> loc("doubled")
  %p = tensor.empty(%n) : tensor<?xf32>
  %blocks = attn.blocks %p, %segments size(%n) : tensor<?xf32>, tensor<?xi64> -> !attn.matrix<?x?xf32> loc("blocks")
  %hops = attn.hops %offsets, %columns, %segments
      : tensor<?xi64>, tensor<?xi32>, tensor<?xi64> -> !attn.matrix<1x?x?xf32> loc("hops"))");
  MatrixFacts doubled = f["doubled"];
  EXPECT_EQ(doubled.support, Support::Sparse);
  EXPECT_EQ(doubled.rows.str(), "N");
  EXPECT_EQ(doubled.columns.str(), "M");
  EXPECT_FALSE(doubled.rowsNonEmpty);
  EXPECT_FALSE(doubled.uniqueEntries);
  EXPECT_TRUE(f["graph"].uniqueEntries);
  for (const char *name : {"blocks", "hops"}) {
    MatrixFacts facts = f[name];
    EXPECT_EQ(facts.support, Support::Segments) << name;
    EXPECT_TRUE(facts.rowsNonEmpty) << name;
  }
}

TEST(MatrixFacts, Masks) {
  Facts f(R"(
  %narrow = attn.restrict %window window [9, 0] : !attn.matrix<?x?xf32> loc("narrow")
  %wide = attn.restrict %self window [4611686018427387904, 0] : !attn.matrix<?x?xf32> loc("wide")
  %masked = attn.restrict %self key_mask(%keys : tensor<?xi8>) : !attn.matrix<?x?xf32> loc("masked")
  %twice = attn.restrict %masked causal : !attn.matrix<?x?xf32> loc("twice")
  %edges = attn.restrict %graph causal : !attn.matrix<?x?xf32> loc("edges")
  %inside = attn.restrict %graph segments(%segments : tensor<?xi64>) : !attn.matrix<?x?xf32> loc("inside")
  %lower = attn.restrict %eye causal : !attn.matrix<?x?xf32> loc("lower"))");
  MatrixFacts causal = f["causal"];
  EXPECT_EQ(causal.support, Support::Masked);
  EXPECT_EQ(bandOf(causal), band(-1, 0));
  EXPECT_TRUE(causal.rowsNonEmpty) << "the diagonal is left";
  MatrixFacts window = f["window"];
  EXPECT_EQ(bandOf(window), band(3, 1));
  EXPECT_TRUE(window.rowsNonEmpty);
  EXPECT_EQ(bandOf(f["narrow"]), band(3, 0)) << "the narrower on each side";
  EXPECT_FALSE(f["masked"].rowsNonEmpty) << "all keys may be masked";
  EXPECT_FALSE(f["twice"].rowsNonEmpty);
  // Each segment's linear form; a node is in its own segment.
  MatrixFacts blocked = f["blocked"];
  EXPECT_EQ(blocked.support, Support::Segments);
  EXPECT_TRUE(blocked.rowsNonEmpty);
  // Edges are visited one by one, whatever the mask.
  for (const char *name : {"edges", "inside"}) {
    EXPECT_EQ(f[name].support, Support::Sparse) << name;
    EXPECT_FALSE(f[name].rowsNonEmpty) << name;
  }
  EXPECT_EQ(f["lower"].support, Support::Diagonal);
}

TEST(MatrixFacts, Fill) {
  Facts f(R"(
  %filled = attn.fill %window, %one : !attn.matrix<?x?xf32> loc("filled")
  %edges = attn.fill %graph, %one : !attn.matrix<?x?xf32> loc("edges")
  %same = attn.fill %self, %one : !attn.matrix<?x?xf32> loc("same"))");
  for (const char *name : {"filled", "edges"}) {
    MatrixFacts facts = f[name];
    EXPECT_EQ(facts.support, Support::Full) << name;
    EXPECT_TRUE(facts.complete && facts.rowsNonEmpty) << name;
    EXPECT_EQ(bandOf(facts), band(-1, -1)) << name;
  }
}

TEST(MatrixFacts, Sums) {
  Facts f(R"(
  %far = attn.distance %q, %q : tensor<?x64xf32>, tensor<?x64xf32>
  %linear = attn.add %self, %splat : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("linear")
  %partly = attn.add %self, %far : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("partly")
  %banded = attn.add %window, %eye : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("banded")
  %half = attn.add %eye, %causal : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("half")
  %loops = attn.add %graph, %eye : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("loops")
  %whole = attn.add %graph, %self : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("whole")
  %two = attn.adjacency %offsets, %columns columns(%n) : tensor<?xi64>, tensor<?xi32>
  %edges = attn.add %graph, %two : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("edges")
  %mixed = attn.add %blocked, %graph : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("mixed"))");
  EXPECT_TRUE(f["linear"].complete);
  EXPECT_EQ(bandOf(f["banded"]), band(3, 1));
  EXPECT_EQ(bandOf(f["half"]), band(-1, 0));
  EXPECT_TRUE(f["loops"].rowsNonEmpty) << "the diagonal has an entry in each row";
  EXPECT_FALSE(f["loops"].support == Support::Full && f["loops"].complete);
  EXPECT_EQ(f["whole"].support, Support::Full);
  EXPECT_TRUE(f["whole"].complete && f["whole"].rowsNonEmpty);
  EXPECT_EQ(f["edges"].support, Support::Sparse);
  EXPECT_FALSE(f["edges"].rowsNonEmpty);
  EXPECT_FALSE(f["edges"].uniqueEntries);
}

TEST(MatrixFacts, Products) {
  Facts f(R"(
  %u = tensor.empty(%n) : tensor<?x8xf32>
  %small = attn.dot %u, %u : tensor<?x8xf32>, tensor<?x8xf32>
  %square = attn.hadamard %small, %small : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("square")
  %scaled = attn.hadamard %splat, %self : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("scaled")
  %far = attn.distance %q, %q : tensor<?x64xf32>, tensor<?x64xf32>
  %streamed = attn.hadamard %far, %far : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("streamed")
  %edges = attn.hadamard %self, %graph : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("edges")
  %turned = attn.hadamard %graph, %self : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("turned")
  %banded = attn.hadamard %causal, %window : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("banded")
  %left = attn.hadamard %blocked, %splat : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("left")
  %right = attn.hadamard %splat, %blocked : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("right"))");
  for (const char *name : {"edges", "turned"}) {
    MatrixFacts facts = f[name];
    EXPECT_EQ(facts.support, Support::Sparse) << name;
    EXPECT_FALSE(facts.rowsNonEmpty) << name;
  }
  EXPECT_EQ(bandOf(f["banded"]), band(3, 0));
  EXPECT_EQ(f["banded"].support, Support::Masked);
  for (const char *name : {"left", "right"}) {
    EXPECT_EQ(f[name].support, Support::Segments) << name;
    EXPECT_TRUE(f[name].rowsNonEmpty) << name;
  }
}

TEST(MatrixFacts, Maps) {
  Facts f(R"(
  %u = tensor.empty(%n) : tensor<?x8xf32>
  %small = attn.dot %u, %u : tensor<?x8xf32>, tensor<?x8xf32>
  %first = attn.map %small : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %c = arith.constant 1.0 : f32
    %s = arith.addf %x, %c : f32
    attn.yield %s : f32
  } loc("first")
  %second = attn.map %small scalars(%one) : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %c: f32):
    %s = arith.mulf %x, %x : f32
    %t = arith.addf %s, %c : f32
    attn.yield %t : f32
  } loc("second")
  %third = attn.map %small : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %s = arith.mulf %x, %x : f32
    %t = arith.mulf %s, %x : f32
    attn.yield %t : f32
  } loc("third")
  %shifted = attn.map %small rows(%r : tensor<?xf32>) : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %c: f32):
    %s = arith.addf %x, %c : f32
    attn.yield %s : f32
  } loc("shifted")
  %exp = attn.map %window : (!attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32):
    %s = math.exp %x : f32
    attn.yield %s : f32
  } loc("exp")
  %edges = attn.map %self, %graph : (!attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>) -> !attn.matrix<?x?xf32> {
  ^bb0(%x: f32, %y: f32):
    %s = arith.mulf %x, %y : f32
    %t = math.exp %s : f32
    attn.yield %t : f32
  } loc("edges"))");
  MatrixFacts exp = f["exp"];
  EXPECT_EQ(exp.support, Support::Masked);
  EXPECT_EQ(bandOf(exp), band(3, 1));
  MatrixFacts edges = f["edges"];
  EXPECT_EQ(edges.support, Support::Sparse);
  EXPECT_FALSE(edges.rowsNonEmpty);
}

TEST(MatrixFacts, Normalisations) {
  Facts f(R"(
  %rows = attn.normalize_rows %dot : !attn.matrix<?x?xf32> loc("rows")
  %whole = attn.softmax %self : !attn.matrix<?x?xf32> loc("whole")
  %soft = attn.softmax %causal : !attn.matrix<?x?xf32> loc("soft")
  %edges = attn.softmax %graph : !attn.matrix<?x?xf32> loc("edges")
  %symmetric = attn.normalize_symmetric %graph : !attn.matrix<?x?xf32> loc("symmetric"))");
  MatrixFacts soft = f["soft"];
  EXPECT_EQ(soft.support, Support::Masked);
  EXPECT_EQ(bandOf(soft), band(-1, 0));
  EXPECT_TRUE(soft.rowsNonEmpty);
  EXPECT_FALSE(f["edges"].rowsNonEmpty);
  EXPECT_EQ(f["symmetric"].support, Support::Sparse);
}

TEST(MatrixFacts, ScaleAndTranspose) {
  Facts f(R"(
  %scaled = attn.scale %window rows(%r : tensor<?xf32>) scalar(%one) : !attn.matrix<?x?xf32> loc("scaled")
  %both = attn.scale %self rows(%r : tensor<?xf32>) cols(%r : tensor<?xf32>) : !attn.matrix<?x?xf32> loc("both")
  %turned = attn.transpose %window : !attn.matrix<?x?xf32> loc("turned")
  %wide = attn.transpose %dot : !attn.matrix<?x?xf32> loc("wide")
  %in = attn.transpose %graph : !attn.matrix<?x?xf32> loc("in"))");
  EXPECT_EQ(bandOf(f["scaled"]), band(3, 1));
  EXPECT_EQ(bandOf(f["turned"]), band(1, 3));
  EXPECT_EQ(f["wide"].rows.str(), "M");
  EXPECT_EQ(f["wide"].columns.str(), "N");
  EXPECT_FALSE(f["in"].rowsNonEmpty);
}

TEST(MatrixFacts, Chains) {
  Facts f(R"(
  %back = attn.dot %k, %q : tensor<?x64xf32>, tensor<?x64xf32>
  %five = attn.splat %one sizes(%n) : !attn.matrix<?x5xf32>
  %right = attn.splat %one sizes(%n) : !attn.matrix<5x?xf32>
  %far = attn.distance %q, %q : tensor<?x64xf32>, tensor<?x64xf32>
  %through = attn.compose %dot, %back : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("through")
  %square = attn.compose %self, %self : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("square")
  %few = attn.compose %five, %right : !attn.matrix<?x5xf32>, !attn.matrix<5x?xf32> loc("few")
  %paths = attn.compose %graph, %graph : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("paths")
  %streams = attn.compose %far, %causal : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("streams"))");
  for (const char *name : {"through", "square", "few", "paths", "streams"}) {
    EXPECT_EQ(f[name].support, Support::Full) << name;
  }
  EXPECT_EQ(f["through"].columns.str(), "N");
  // M may be 0 where N is not, 5 and N may not.
  EXPECT_FALSE(f["through"].complete);
  EXPECT_TRUE(f["square"].complete);
  EXPECT_TRUE(f["few"].complete);
  EXPECT_FALSE(f["paths"].complete || f["paths"].rowsNonEmpty);
  EXPECT_FALSE(f["streams"].complete) << "a factor has absent entries";
}

/// Looking at every use anew would take 2^50 steps.
TEST(MatrixFacts, SharedOperandsAreLookedAtOnce) {
  constexpr int64_t kDoublings = 50;
  std::string body =
      "%s0 = attn.add %splat, %splat : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>\n";
  for (int i = 1; i < kDoublings; ++i) {
    std::string last = "%s" + std::to_string(i - 1);
    body += "%s" + std::to_string(i) + " = attn.add " + last + ", " + last +
            " : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>" +
            (i + 1 == kDoublings ? " loc(\"sum\")\n" : "\n");
  }
  EXPECT_TRUE(Facts(body)["sum"].complete);
}

/// A factor without absent entries leaves the other's empty rows.
TEST(MatrixFacts, ProductsWithChains) {
  for (const char *factors :
       {"%splat, %paths", "%paths, %splat", "%self, %paths", "%paths, %self"}) {
    Facts f(std::string(R"(
  %paths = attn.compose %graph, %graph : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32>
  %product = attn.hadamard )") +
            factors + R"( : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("product"))");
    EXPECT_FALSE(f["product"].rowsNonEmpty) << factors;
  }
}

TEST(MatrixFacts, NystromOfAbsentEntries) {
  Facts f(R"(
  %t = tensor.empty(%n) : tensor<?x3xf32>
  %three = tensor.empty() : tensor<3xi8>
  %x = tensor.empty() : tensor<3x3xf32>
  %d = attn.dense %t : tensor<?x3xf32>
  %c = attn.restrict %d key_mask(%three : tensor<3xi8>) : !attn.matrix<?x3xf32>
  %nystrom = attn.nystrom %c, %x : !attn.matrix<?x3xf32>, tensor<3x3xf32> loc("nystrom"))");
  EXPECT_FALSE(f["nystrom"].complete);
  EXPECT_FALSE(f["nystrom"].rowsNonEmpty);
}

} // namespace
