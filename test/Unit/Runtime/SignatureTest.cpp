// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manifest there and back, what makes it unsound, and how argument shapes fix the sizes.

#include "attune/Runtime/Bind.h"
#include "attune/Runtime/Error.h"
#include "attune/Runtime/Program.h"
#include "attune/Runtime/Run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <unistd.h>

using namespace attune::runtime;

static Entry graphEntry() {
  SizeSum n = SizeSum::named("N"), e = SizeSum::named("E"), two = SizeSum::number(2);
  return {
      "f",
      {"N", "E", "G"},
      {{"x", DType::F32, {n, two}, "", ""},
       {"edge_index", DType::I64, {two, e}, "N", ""},
       {"edge_weight", DType::F32, {e}, "", ""},
       {"graph_offsets", DType::I64, {SizeSum::named("G", 1)}, "", "N"}},
      {{"y", DType::F32, {n, SizeSum::named("G", -1)}, "", ""}, {"count", DType::I64, {}, "", ""}}};
}

static std::string fromJsonError(const std::string &json) {
  std::string error;
  EXPECT_FALSE(Signature::fromJson(json, error));
  return error;
}

TEST(Signature, JsonRoundTrip) {
  Signature signature;
  signature.entries = {graphEntry()};
  std::string json = signature.toJson(), error;
  EXPECT_NE(json.find(R"("shape":["G+1"],"offsets_of":"N")"), std::string::npos);
  EXPECT_NE(json.find(R"("shape":["N","G-1"])"), std::string::npos);
  EXPECT_NE(json.find(R"("shape":[2,"E"],"below":"N")"), std::string::npos);
  std::optional<Signature> again = Signature::fromJson(json, error);
  ASSERT_TRUE(again) << error;
  EXPECT_EQ(again->toJson(), json);
  signature.entries[0].args[0].name = "\xff";
  EXPECT_FALSE(signature.toJson().empty());
}

TEST(Signature, Dimensions) {
  auto withShape = [](const std::string &dim) {
    return R"({"abi":1,"attune":"0","entries":[{"name":"f","sizes":["N"],"args":[{"name":"x",)"
           R"("dtype":"F32","shape":["N",)" +
           dim + R"(]}],"results":[]}]})";
  };
  std::string error;
  for (const char *text : {"\"2*N-1\"", "\"N + 1\"", "7", "\"7\""})
    EXPECT_TRUE(Signature::fromJson(withShape(text), error)) << error;
  EXPECT_EQ(fromJsonError(withShape("\"G+x*y\"")),
            "`x` has no valid size for dimension 1: `G+x*y` has `*` at character 4, expected `+`, "
            "`-` or the end: only a number stands before `*`, as in `2*N`");
  EXPECT_EQ(fromJsonError(withShape("\"\"")),
            "`x` has the unknown dimension \"\", expected a number or the text of a size");
  EXPECT_EQ(fromJsonError(withShape("1.5")),
            "`x` has the unknown dimension 1.5, expected a number or the text of a size");
  EXPECT_EQ(fromJsonError(withShape("\"G-1\"")),
            "manifest: entry `f`: argument `x` uses the unknown size `G`");
}

TEST(Signature, RefusesUnsoundManifests) {
  EXPECT_EQ(fromJsonError("{"), "manifest is no valid JSON (byte 2)");
  EXPECT_EQ(fromJsonError(R"({"abi":2})"), "manifest has ABI version 2, expected 1");
  EXPECT_NE(fromJsonError(R"({"abi":1})").find("manifest is not understood"), std::string::npos);
  EXPECT_NE(fromJsonError("[]").find("manifest is not understood"), std::string::npos);
  auto problem = [](void (*change)(Entry &)) {
    Signature signature;
    signature.entries = {graphEntry()};
    change(signature.entries[0]);
    return fromJsonError(signature.toJson());
  };
  EXPECT_EQ(
      problem([](Entry &e) { e.args.pop_back(); }),
      "manifest: entry `f`: no argument fixes the size `G`, expected a dimension in which all "
      "others are known");
  EXPECT_EQ(problem([](Entry &e) { e.sizes.push_back("N"); }),
            "manifest: entry `f`: size `N` is there twice");
  EXPECT_EQ(problem([](Entry &e) { e.args[1].name = "x"; }),
            "manifest: entry `f`: argument `x` is there twice");
  EXPECT_EQ(problem([](Entry &e) { e.results[0].shape[0] = SizeSum::named("M"); }),
            "manifest: entry `f`: result `y` uses the unknown size `M`");
  EXPECT_EQ(problem([](Entry &e) { e.args[1].below = "M"; }),
            "manifest: entry `f`: argument `edge_index` uses the unknown size `M`");
  EXPECT_EQ(problem([](Entry &e) { e.args[0].below = "N"; }),
            "manifest: entry `f`: argument `x` is index data of dtype F32, expected I64 or I32");
  EXPECT_EQ(problem([](Entry &e) { e.args[1].offsetsOf = "N"; }),
            "manifest: entry `f`: argument `edge_index` holds offsets and has rank 2, expected 1");
  EXPECT_EQ(problem([](Entry &e) { e.args[0].shape[1].constant = -2; }),
            "manifest: entry `f`: argument `x` has the negative dimension -2");
}

TEST(Signature, FindsEntries) {
  Signature signature;
  std::string error;
  EXPECT_EQ(signature.findEntry("", error), nullptr);
  signature.entries = {graphEntry()};
  EXPECT_EQ(signature.findEntry("", error), &signature.entries[0]);
  signature.entries.push_back(graphEntry());
  signature.entries[1].name = "g";
  EXPECT_EQ(signature.findEntry("g", error), &signature.entries[1]);
  EXPECT_EQ(signature.findEntry("", error), nullptr);
  EXPECT_EQ(error, "several entries, choose one of `f`, `g` with --entry");
}

namespace {
class BindTest : public testing::Test {
protected:
  BindTest() {
    std::string name = testing::TempDir() + "/attune-bind-XXXXXX";
    folder = mkdtemp(name.data());
    tensors = {{"x", Tensor::allocate(DType::F16, {4, 2})},
               {"edge_index", Tensor::allocate(DType::I32, {2, 3})},
               {"edge_weight", Tensor::allocate(DType::F64, {3})},
               {"graph_offsets", Tensor::allocate(DType::I64, {3})}};
    for (NamedTensor &named : tensors)
      for (int64_t i = 0; i < named.tensor.elements(); ++i)
        named.tensor.set(i, named.name == "graph_offsets" ? 2.0 * double(i) : 1);
  }
  ~BindTest() override { std::filesystem::remove_all(folder); }

  BoundCall bind(const BindOptions &options = {}) {
    std::string path = folder + "/t.safetensors";
    writeSafetensors(path, tensors);
    return bindArguments(entry, {SafetensorsFile::open(path)}, options);
  }

  /// What binding and the index check say.
  std::string error() {
    try {
      checkIndexData(bind());
    } catch (const Error &problem) {
      return problem.what();
    }
    return "";
  }

  Entry entry = graphEntry();
  std::string folder;
  std::vector<NamedTensor> tensors;
};
} // namespace

TEST_F(BindTest, ResolvesSizesAndConverts) {
  BoundCall call = bind();
  allocateResults(call);
  EXPECT_EQ(call.sizes, (std::vector<int64_t>{4, 3, 2}));
  EXPECT_EQ(call.args[0].dtype(), DType::F32);
  EXPECT_EQ(call.args[0].as<float>()[7], 1);
  EXPECT_EQ(call.args[1].dtype(), DType::I64);
  EXPECT_EQ(call.args[1].as<int64_t>()[5], 1);
  EXPECT_EQ(call.args[2].dtype(), DType::F32);
  EXPECT_EQ(call.results[0].shape(), (Shape{4, 1}));
  EXPECT_TRUE(std::isnan(call.results[0].toDouble(3)));
  EXPECT_EQ(call.results[1].shape(), Shape{});
  for (const Tensor &tensor : call.args)
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % 64, 0u);
  allocateResults(call, /*floatsAsDouble=*/true);
  EXPECT_EQ(call.results[0].dtype(), DType::F64);
  EXPECT_EQ(call.results[1].dtype(), DType::I64);
  EXPECT_EQ(error(), "");
}

TEST_F(BindTest, SolvesSumsInAnyOrder) {
  // E + N and 2 G - 1 say nothing about N until the last argument is read, or the first.
  auto spec = [](const char *name, const char *dim) {
    return TensorSpec{name, DType::F32, {*SizeSum::parse(dim).size}, "", ""};
  };
  entry = {"f",
           {"E", "N", "G"},
           {spec("a", "E+N-3*G"), spec("b", "E+N"), spec("c", "N"), spec("d", "2*G-1")},
           {spec("r", "2*E-1")}};
  auto give = [&](std::vector<int64_t> sizes) {
    tensors.clear();
    for (size_t i = 0; i < sizes.size(); ++i)
      tensors.push_back({std::string(1, char('a' + i)), Tensor::allocate(DType::F32, {sizes[i]})});
    for (NamedTensor &named : tensors)
      for (int64_t i = 0; i < named.tensor.elements(); ++i)
        named.tensor.set(i, 1);
  };
  give({3, 9, 5, 3});
  for (int turn = 0; turn < 24; ++turn) {
    BoundCall call = bind();
    EXPECT_EQ(call.sizes, (std::vector<int64_t>{4, 5, 2}));
    allocateResults(call);
    EXPECT_EQ(call.results[0].shape(), Shape{7});
    std::next_permutation(entry.args.begin(), entry.args.end(),
                          [](const TensorSpec &a, const TensorSpec &b) { return a.name < b.name; });
  }
  auto failsWith = [&](const std::string &expected) {
    std::string found = error();
    EXPECT_NE(found.find(expected), std::string::npos) << found;
  };
  give({3, 9, 5, 4});
  failsWith("t.safetensors`: `d` has 4 in dimension 0, expected 2*G-1 with a whole number G >= 0");
  give({3, 9, 20, 3});
  failsWith(
      "t.safetensors`: `a` has 3 in dimension 0, expected E+N-3*G with a whole number E >= 0, "
      "as `d` has G = 2 (dim 0) and `c` has N = 20 (dim 0)");
  give({4, 9, 5, 3});
  failsWith("t.safetensors`: `b` has 9 in dimension 0, expected E+N = 10, as `a` has E = 5 (dim 0) "
            "and `c` has N = 5 (dim 0)");
  give({3, 9, 5, 3});
  BindOptions options;
  options.random = {{"N", 5}};
  tensors.erase(tensors.begin() + 2);
  EXPECT_EQ(bind(options).sizes, (std::vector<int64_t>{4, 5, 2}));
  // A conflict with what is given by hand, and a size too large for 64 bits.
  options.random = {{"N", 6}, {"G", 1}};
  EXPECT_THROW(bind(options), Error);
  entry.results[0].shape[0] = *SizeSum::parse("4611686018427387904*E").size;
  options.random = {{"N", 5}};
  BoundCall call = bind(options);
  try {
    allocateResults(call);
    FAIL();
  } catch (const Error &problem) {
    EXPECT_STREQ(problem.what(), "`r` has the dimension 4611686018427387904*E, which is too large "
                                 "for 64 bits");
  }
}

TEST_F(BindTest, ResultDimensionsMustNotBeNegative) {
  tensors[0].tensor = Tensor::allocate(DType::F32, {0, 2});
  tensors[3].tensor = Tensor::allocate(DType::I64, {1});
  BoundCall call = bind();
  EXPECT_THROW(allocateResults(call), Error);
}

TEST_F(BindTest, ChecksIndexData) {
  tensors[1].tensor.set(4, 4);
  EXPECT_EQ(error(), "`edge_index` holds 4 at [1, 1], expected at least 0 and below N = 4");
  tensors[1].tensor.set(4, -1);
  EXPECT_EQ(error(), "`edge_index` holds -1 at [1, 1], expected at least 0 and below N = 4");
  tensors[1].tensor.set(4, 3);
  tensors[3].tensor.set(1, 5);
  EXPECT_EQ(error(), "`graph_offsets` holds 4 at [2] after 5, expected non-decreasing offsets");
  tensors[3].tensor.set(1, 2);
  tensors[3].tensor.set(2, 3);
  EXPECT_EQ(error(), "`graph_offsets` ends with 3, expected N = 4");
  tensors[3].tensor.set(0, 1);
  EXPECT_EQ(error(), "`graph_offsets` begins with 1, expected 0");
}

TEST_F(BindTest, RefusesWhatDoesNotFit) {
  tensors[2].tensor = Tensor::allocate(DType::F64, {3});
  tensors[2].tensor.set(0, 1e300);
  EXPECT_NE(error().find("`edge_weight` holds 1e+300 at [0], too large for F32"),
            std::string::npos);
  entry.args[2].dtype = DType::BOOL;
  tensors[2].tensor = Tensor::allocate(DType::BOOL, {3});
  tensors[2].tensor.set(0, 1);
  tensors[2].tensor.set(1, 2);
  EXPECT_NE(error().find("`edge_weight` holds the byte 2 at [1], expected 0 or 1"),
            std::string::npos);
}

TEST_F(BindTest, RandomDataKeepsThePromises) {
  BindOptions options;
  options.random = {{"N", 100000}, {"E", 1000}, {"G", 7}};
  options.seed = 5;
  BoundCall call = bindArguments(entry, {}, options);
  checkIndexData(call);
  double sum = 0, squares = 0;
  const Tensor &x = call.args[0];
  for (int64_t i = 0; i < x.elements(); ++i) {
    sum += x.toDouble(i);
    squares += x.toDouble(i) * x.toDouble(i);
  }
  EXPECT_NEAR(sum / double(x.elements()), 0, 0.003);
  EXPECT_NEAR(std::sqrt(squares / double(x.elements())), 0.35, 0.002);
  BoundCall again = bindArguments(entry, {}, options);
  EXPECT_EQ(again.args[0].toDouble(17), x.toDouble(17));
  options.seed = 6;
  EXPECT_NE(bindArguments(entry, {}, options).args[0].toDouble(17), x.toDouble(17));
}

TEST(Options, ArgumentsRoundTrip) {
  const char *line[] = {"attune-run",  "m.so",      "--bind",     "a",          "--bind=b",
                        "-o",          "c",         "--expect=d", "--rtol",     "1e-3",
                        "--atol=2e-7", "--threads", "3",          "--repeat=5", "--json",
                        "--strict",    "--random",  "N=4",        "--seed=9",   "--entry=f",
                        "--target=cpu"};
  int code = -1;
  std::optional<RunOptions> options = parseRunOptions("attune-run", std::size(line), line, code);
  ASSERT_TRUE(options);
  EXPECT_EQ(code, 0);
  std::vector<std::string> arguments = toArguments(*options);
  std::vector<const char *> pointers{"attune-run"};
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::optional<RunOptions> again =
      parseRunOptions("attune-run", int(pointers.size()), pointers.data(), code);
  ASSERT_TRUE(again);
  EXPECT_EQ(toArguments(*again), arguments);
  EXPECT_EQ(again->bind, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(again->atol, 2e-7);
  EXPECT_EQ(again->binding.random.at("N"), 4);
}

TEST(Module, CpuFeatures) {
  EXPECT_EQ(missingCpuFeature(""), std::nullopt);
  EXPECT_EQ(missingCpuFeature("-avx512f,+no-such-feature,,+"), std::nullopt);
#if defined(__x86_64__)
  EXPECT_EQ(missingCpuFeature("+sse3,+avx2").has_value(), !__builtin_cpu_supports("avx2"));
  EXPECT_EQ(missingCpuFeature("+avx512bf16").has_value(), !__builtin_cpu_supports("avx512bf16"));
#endif
}
