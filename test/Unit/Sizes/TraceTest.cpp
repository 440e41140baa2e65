// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes of values of parsed IR, traced back to the names of the entry's arguments.

#include "ParsedModule.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace attune;

namespace {

/// A function with named sizes N, M, K, G + 1 and E, and the values that most bodies need.
class Trace {
public:
  explicit Trace(const std::string &body)
      : module(R"(
func.func @f(%x: tensor<?x4xf32> {attune.dims = ["N", ""]} loc("x"),
             %y: tensor<?x?x16xf32> {attune.dims = ["M", "K", ""]} loc("y"),
             %o: tensor<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"} loc("o"),
             %e: tensor<?xi64> {attune.dims = ["E"]} loc("e"),
             %bare: tensor<?x3xf32> loc("bare"), %any: tensor<*xf32> loc("any"),
             %i: index loc("i"), %flag: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32> loc("n")
  %m = tensor.dim %y, %c0 : tensor<?x?x16xf32> loc("m")
  %k = tensor.dim %y, %c1 : tensor<?x?x16xf32> loc("k")
  %next = arith.addi %i, %c1 : index
  %first = tensor.extract %o[%i] : tensor<?xi64>
  %last = tensor.extract %o[%next] : tensor<?xi64>
  %read = tensor.extract %e[%i] : tensor<?xi64>
  %data = arith.index_cast %read : i64 to index loc("data")
)" + body + "\n  return\n}\n") {}

  /// The size of an index, or of each dimension: "N x 4".
  std::string operator[](StringRef name) const {
    if (!module.isValid() || !module.has(name))
      return "no value `" + name.str() + "`";
    Value value = module.value(name);
    auto type = dyn_cast<ShapedType>(value.getType());
    if (!type)
      return sizeOfIndex(value).str();
    std::string text;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      text += (dim ? " x " : "") + sizeOf(value, dim).str();
    return text;
  }

  ParsedModule module;
};

TEST(Trace, Arguments) {
  Trace f("");
  ASSERT_TRUE(f.module.isValid());
  EXPECT_EQ(f["x"], "N x 4");
  EXPECT_EQ(f["y"], "M x K x 16");
  EXPECT_EQ(f["o"], "G + 1");
  EXPECT_EQ(f["bare"], "? x 3");
  EXPECT_EQ(f["i"], "?");
  EXPECT_EQ(sizeOf(f.module.value("any"), 0).str(), "?");
  EXPECT_EQ(elementCount(f.module.value("y")).str(), "16*K*M");
  EXPECT_EQ(elementCount(f.module.value("x")).str(), "4*N");
}

TEST(Trace, Dimensions) {
  Trace f(R"(
  %c3 = arith.constant 3 : index
  %minus = arith.constant -1 : index
  %static = tensor.dim %y, %c2 : tensor<?x?x16xf32> loc("static")
  %chosen = tensor.dim %y, %i : tensor<?x?x16xf32> loc("chosen")
  %behind = tensor.dim %y, %c3 : tensor<?x?x16xf32> loc("behind")
  %before = tensor.dim %y, %minus : tensor<?x?x16xf32> loc("before")
  %unranked = tensor.dim %any, %c0 : tensor<*xf32> loc("unranked")
  )");
  EXPECT_EQ(f["n"], "N");
  EXPECT_EQ(f["k"], "K");
  EXPECT_EQ(f["static"], "16");
  for (const char *name : {"chosen", "behind", "before", "unranked", "data"})
    EXPECT_EQ(f[name], "?") << name;
}

TEST(Trace, IndexArithmetic) {
  Trace f(R"(
  %seven = arith.constant 7 : index loc("seven")
  %sum = arith.addi %n, %m : index loc("sum")
  %product = arith.muli %sum, %n : index loc("product")
  %less = arith.subi %product, %n : index loc("less")
  %none = arith.subi %n, %n : index loc("none")
  %wide = arith.index_cast %n : index to i64
  %narrow = arith.index_castui %wide : i64 to index loc("narrow")
  %affine = affine.apply affine_map<(d0, d1)[s0] -> (d0 * 2 + s0 * d1 + 3)>(%n, %m)[%seven] loc("affine")
  %half = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%n) loc("half")
  %part = affine.apply affine_map<(d0, d1) -> (d0 + d1 mod 8)>(%n, %m) loc("part")
  %quotient = arith.divui %n, %c2 : index loc("quotient")
  %partly = arith.addi %n, %data : index loc("partly")
  )");
  EXPECT_EQ(f["seven"], "7");
  EXPECT_EQ(f["sum"], "M + N");
  EXPECT_EQ(f["product"], "M*N + N^2");
  EXPECT_EQ(f["less"], "M*N + N^2 - N");
  EXPECT_EQ(f["none"], "0");
  EXPECT_EQ(f["narrow"], "N");
  EXPECT_EQ(f["affine"], "7*M + 2*N + 3");
  EXPECT_EQ(f["half"], "?");
  EXPECT_EQ(f["part"], "?"); // a term may be negative
  EXPECT_EQ(f["quotient"], "?");
  EXPECT_EQ(f["partly"], "? + N");
}

TEST(Trace, LengthsOfSegmentsAreBounded) {
  Trace f(R"(
  %length = arith.subi %last, %first : i64 loc("length")
  %begin = arith.index_cast %first : i64 to index
  %end = arith.index_castui %last : i64 to index
  %index = arith.subi %end, %begin : index loc("index")
  %rest = arith.subi %n, %begin : index loc("rest")
  %before = arith.subi %end, %c1 : index loc("before")
  %segment = tensor.extract_slice %x[%begin, 0] [%index, 4] [1, 1]
      : tensor<?x4xf32> to tensor<?x4xf32> loc("segment")
  )");
  EXPECT_EQ(f["length"], "N");
  EXPECT_EQ(f["index"], "N");
  EXPECT_EQ(f["segment"], "N x 4");
  // Not the difference of two offsets.
  EXPECT_TRUE(sizeOfIndex(f.module.value("rest")).hasSymbol("?"));
  EXPECT_TRUE(sizeOfIndex(f.module.value("before")).hasSymbol("?"));
}

TEST(Trace, Tensors) {
  Trace f(R"(
  %empty = tensor.empty(%m, %n) : tensor<?x5x?xf32> loc("empty")
  %splat = tensor.splat %zero[%k] : tensor<2x?xf32> loc("splat")
  %up = tensor.cast %splat : tensor<2x?xf32> to tensor<?x?xf32> loc("up")
  %down = tensor.cast %x : tensor<?x4xf32> to tensor<?x?xf32> loc("down")
  %ranked = tensor.cast %any : tensor<*xf32> to tensor<?x2xf32> loc("ranked")
  %inserted = tensor.insert %zero into %x[%i, %c0] : tensor<?x4xf32> loc("inserted")
  %row = tensor.extract_slice %x[%i, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<1x4xf32>
  %placed = tensor.insert_slice %row into %x[%i, 0] [1, 4] [1, 1]
      : tensor<1x4xf32> into tensor<?x4xf32> loc("placed")
  )");
  EXPECT_EQ(f["empty"], "M x 5 x N");
  EXPECT_EQ(f["splat"], "2 x K");
  EXPECT_EQ(f["up"], "2 x K");
  EXPECT_EQ(f["down"], "N x 4");
  EXPECT_EQ(f["ranked"], "? x 2");
  EXPECT_EQ(f["inserted"], "N x 4");
  EXPECT_EQ(f["placed"], "N x 4");
}

TEST(Trace, SlicesAndReshapes) {
  Trace f(R"(
  %part = tensor.extract_slice %y[0, 1, 2] [%n, 2, 3] [1, 1, 1]
      : tensor<?x?x16xf32> to tensor<?x2x3xf32> loc("part")
  %dropped = tensor.extract_slice %y[%i, 0, 0] [1, %k, %m] [1, 1, 1]
      : tensor<?x?x16xf32> to tensor<?x?xf32> loc("dropped")
  %bounded = tensor.extract_slice %y[%i, 0, 0] [1, %data, 4] [1, 1, 1]
      : tensor<?x?x16xf32> to tensor<?x4xf32> loc("bounded")
  %expanded = tensor.expand_shape %x [[0, 1], [2, 3]] output_shape [%n, 1, 2, 2]
      : tensor<?x4xf32> into tensor<?x1x2x2xf32> loc("expanded")
  %collapsed = tensor.collapse_shape %y [[0, 1], [2]]
      : tensor<?x?x16xf32> into tensor<?x16xf32> loc("collapsed")
  %flat = tensor.collapse_shape %y [[0, 1, 2]] : tensor<?x?x16xf32> into tensor<?xf32> loc("flat")
  )");
  EXPECT_EQ(f["part"], "N x 2 x 3");
  EXPECT_EQ(f["dropped"], "K x M");
  EXPECT_EQ(f["bounded"], "K x 4");
  EXPECT_EQ(f["expanded"], "N x 1 x 2 x 2");
  EXPECT_EQ(f["collapsed"], "K*M x 16");
  EXPECT_EQ(f["flat"], "16*K*M");
}

TEST(Trace, ElementwiseAndDestinations) {
  Trace f(R"(
  %sum = arith.addf %x, %x : tensor<?x4xf32> loc("sum")
  %exp = math.exp %sum : tensor<?x4xf32> loc("exp")
  %empty = tensor.empty(%m) : tensor<?x4xf32>
  %filled = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32> loc("filled")
  %w = tensor.empty() : tensor<4x8xf32>
  %init = tensor.empty(%n) : tensor<?x8xf32>
  %product = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x8xf32>)
      outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32> loc("product")
  %two = tensor.empty(%n) : tensor<4x?xf32>
  %turned = linalg.transpose ins(%x : tensor<?x4xf32>) outs(%two : tensor<4x?xf32>) permutation = [1, 0] loc("turned")
  )");
  EXPECT_EQ(f["sum"], "N x 4");
  EXPECT_EQ(f["exp"], "N x 4");
  EXPECT_EQ(f["filled"], "M x 4");
  EXPECT_EQ(f["product"], "N x 8");
  EXPECT_EQ(f["turned"], "4 x N");
}

TEST(Trace, BranchesAndLoops) {
  Trace f(R"(
  %branch = scf.if %flag -> tensor<?x4xf32> {
    %a = math.exp %x : tensor<?x4xf32>
    scf.yield %a : tensor<?x4xf32>
  } else {
    scf.yield %x : tensor<?x4xf32>
  } loc("branch")
  %either = arith.select %flag, %x, %branch : tensor<?x4xf32> loc("either")
  %loop = scf.for %j = %c0 to %n step %c1 iter_args(%u = %either) -> tensor<?x4xf32> {
    %inner = scf.for %l = %c0 to %c2 step %c1 iter_args(%v = %u) -> tensor<?x4xf32> {
      %b = math.exp %v : tensor<?x4xf32> loc("carried")
      scf.yield %b : tensor<?x4xf32>
    }
    scf.yield %inner : tensor<?x4xf32>
  } loc("loop")
  %parallel = scf.forall (%j) in (%n) shared_outs(%out = %loop) -> tensor<?x4xf32> {
    %row = tensor.extract_slice %out[%j, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<1x4xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %out[%j, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
    }
  } loc("parallel")
  )");
  for (const char *name : {"branch", "either", "loop", "carried", "parallel"})
    EXPECT_EQ(f[name], "N x 4") << name;
}

TEST(Trace, Buffers) {
  Trace f(R"(
  %a = memref.alloc(%m, %n) : memref<?x?xf32> loc("alloc")
  %s = memref.subview %a[0, 0] [%m, 2] [1, 1] : memref<?x?xf32> to memref<?x2xf32, strided<[?, 1]>> loc("subview")
  %d = memref.dim %s, %c0 : memref<?x2xf32, strided<[?, 1]>> loc("dim")
  %r = memref.reinterpret_cast %a to offset: [0], sizes: [%k], strides: [1] : memref<?x?xf32> to memref<?xf32> loc("recast")
  %b = bufferization.to_buffer %y : tensor<?x?x16xf32> to memref<?x?x16xf32> loc("buffer")
  )");
  EXPECT_EQ(f["alloc"], "M x N");
  EXPECT_EQ(f["subview"], "M x 2");
  EXPECT_EQ(f["dim"], "M");
  EXPECT_EQ(f["recast"], "K");
  EXPECT_EQ(f["buffer"], "M x K x 16");
}

/// After bufferization the entry's arguments are buffers.
TEST(Trace, BuffersOfTheEntry) {
  ParsedModule module(R"(
func.func @f(%x: memref<?x4xf32> {attune.dims = ["N", ""]} loc("x"),
             %o: memref<?xi64> {attune.dims = ["G+1"], attune.offsets_of = "N"} loc("o"), %i: index) {
  %c1 = arith.constant 1 : index
  %next = arith.addi %i, %c1 : index
  %first = memref.load %o[%i] : memref<?xi64>
  %last = memref.load %o[%next] : memref<?xi64>
  %long = arith.subi %last, %first : i64
  %length = arith.index_cast %long : i64 to index loc("length")
  return
})");
  ASSERT_TRUE(module.isValid());
  EXPECT_EQ(elementCount(module.value("x")).str(), "4*N");
  EXPECT_EQ(sizeOf(module.value("o"), 0).str(), "G + 1");
  EXPECT_EQ(sizeOfIndex(module.value("length")).str(), "N");
}

TEST(Trace, Layers) {
  Trace f(R"(
  %w = tensor.empty() : tensor<8x4xf32>
  %linear = nn.linear %x, %w : tensor<?x4xf32>, tensor<8x4xf32> loc("linear")
  %mean = nn.mean %y dim 1 : tensor<?x?x16xf32> loc("mean")
  %gathered = nn.gather %x, %e : tensor<?x4xf32>, tensor<?xi64> loc("gathered")
  %init = tensor.empty(%m) : tensor<?x4xf32>
  %pooled = nn.segment_pool sum %x, %o outs(%init : tensor<?x4xf32>)
      : tensor<?x4xf32>, tensor<?xi64> -> tensor<?x4xf32> loc("pooled")
  )");
  EXPECT_EQ(f["linear"], "N x 8");
  EXPECT_EQ(f["mean"], "M x 16");
  EXPECT_EQ(f["gathered"], "E x 4");
  EXPECT_EQ(f["pooled"], "M x 4");
}

TEST(Trace, Matrices) {
  Trace f(R"(
  %z = tensor.empty(%m) : tensor<?x4xf32>
  %s = attn.dot %x, %z : tensor<?x4xf32>, tensor<?x4xf32> loc("dot")
  %t = attn.transpose %s : !attn.matrix<?x?xf32> loc("turned")
  %chain = attn.compose %s, %t : !attn.matrix<?x?xf32>, !attn.matrix<?x?xf32> loc("chain")
  %out = attn.apply %t, %x : !attn.matrix<?x?xf32>, tensor<?x4xf32> loc("out")
  %sums = attn.row_sums %chain : !attn.matrix<?x?xf32> loc("sums")
  %stored = attn.materialize %s : !attn.matrix<?x?xf32> loc("stored")
  %columns = tensor.empty(%k) : tensor<?xi32>
  %graph = attn.adjacency %o, %columns columns(%m) : tensor<?xi64>, tensor<?xi32> loc("graph")
  %dim = attn.dim %graph, 0 : !attn.matrix<?x?xf32> loc("dim")
  %pairs = attn.data_size %data "P" {factor = 2} loc("pairs")
  %table = tensor.empty(%pairs) : tensor<?xi8> loc("table")
  )");
  EXPECT_EQ(f["dot"], "N x M");
  EXPECT_EQ(f["turned"], "M x N");
  EXPECT_EQ(f["chain"], "N x N");
  EXPECT_EQ(f["out"], "M x 4");
  EXPECT_EQ(f["sums"], "N");
  EXPECT_EQ(f["stored"], "N x M");
  // Offsets have one element more than there are rows.
  EXPECT_EQ(f["graph"], "G x M");
  EXPECT_EQ(f["dim"], "G");
  EXPECT_EQ(f["pairs"], "2*P");
  EXPECT_EQ(f["table"], "2*P");
}

TEST(Trace, UnknownSizesDoNotCancel) {
  Trace f(R"(
  %other = tensor.extract %e[%next] : tensor<?xi64>
  %read_twice = arith.subi %read, %other : i64 loc("read twice")
  %arguments = arith.subi %i, %data : index loc("arguments")
  %affine = affine.apply affine_map<(d0, d1) -> (d0 - d1)>(%i, %data) loc("affine")
  )");
  for (const char *name : {"read twice", "arguments", "affine"})
    EXPECT_EQ(f[name], "?") << name;
}

TEST(Trace, BranchesOfDifferentSizes) {
  Trace f(R"(
  %a = tensor.empty(%n) : tensor<?xf32>
  %b = tensor.empty(%m) : tensor<?xf32>
  %branch = scf.if %flag -> tensor<?xf32> {
    scf.yield %a : tensor<?xf32>
  } else {
    scf.yield %b : tensor<?xf32>
  } loc("branch")
  %select = arith.select %flag, %a, %b : tensor<?xf32> loc("select")
  )");
  for (const char *name : {"branch", "select"})
    EXPECT_EQ(f[name], "?") << name;
}

} // namespace
