// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SOFT (Lu et al. 2021) and its normalised variant (Lu et al. 2024), at inference, as the published
// code computes them. A block on tokens X [B, n, C], an image of h x w:
//   Q = Wq X / d^(1/4) = K,  V = Wv X, in H heads of width d
//   L = gelu(LN(conv(Q)))  [m, d], kernel and stride r, one weight for all heads
//   out = Wo(C X_20 C^T V + conv_k(V)),  C = gaussian(Q, L),  W = gaussian(L, L)
//   X_20: the 20th Newton step towards the inverse of W + 0.01 I (it often has not converged)
//   norm: of W itself with one start for the whole batch, and D X_20 D with D = 1/sqrt(row sums of
//   W) X <- LN(X + out);  X <- LN(X + W2 gelu_tanh(W1 X))
// The published code multiplies C X_20 first; here the chain is ordered by cost. conv_k is
// depthwise by head: the d channels of a head share its kernel. Images are channels last inside.

#include "ModelBuilder.h"
#include "attune/Dialect/Attn/Algebra.h"
#include "attune/Dialect/Attn/Sinks.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/Attn/Surface.h"
#include "attune/Dialect/NN/Inverse.h"
#include "attune/Dialect/NN/Vision.h"
#include "attune/Models/Models.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::models;

static constexpr Option kOptions[] = {
    {"size", OptionKind::Choice, "tiny", "widths, heads and depths",
     "tiny|small|medium|large|huge"},
    {"norm", OptionKind::Flag, "false", "the normalised variant; it couples the images of a batch"},
    {"image", OptionKind::Image, "224x224", "height and width of the images"},
    {"classes", OptionKind::Count, "1000", "width of the logits"},
    {"depths", OptionKind::Depths, "size",
     "blocks of each stage; `size` takes those of the published code"},
    {"iterations", OptionKind::Count, "20", "Newton steps towards the inverse"},
};

namespace {
/// What belongs to one of the four stages.
struct Stage {
  int64_t width, heads, depth;
  /// Side of its square table of position embeddings.
  int64_t table;
  /// Kernel and stride of the landmarks' convolution and kernel of that of the values; 0 in the
  /// last stage, which has softmax blocks.
  int64_t ratio, kernel;
  /// Pixels of its image.
  int64_t height, width2;
};

using Stages = std::array<Stage, 4>;
} // namespace

static Stages stagesOf(const Options &options) {
  StringRef size = options.text("size");
  int64_t heads3 = llvm::StringSwitch<int64_t>(size).Case("medium", 9).Case("huge", 11).Default(10);
  SmallVector<int64_t> depths = options.counts("depths");
  if (depths.empty())
    depths = llvm::StringSwitch<SmallVector<int64_t>>(size)
                 .Case("tiny", {1, 2, 3, 2})
                 .Case("small", {1, 3, 20, 4})
                 .Case("medium", {1, 3, 29, 5})
                 .Case("large", {1, 3, 40, 5})
                 .Default({1, 5, 49, 5});
  Stages stages = {Stage{64, 2, depths[0], 56, 8, 9, 0, 0},
                   Stage{128, 4, depths[1], 28, 4, 5, 0, 0},
                   Stage{32 * heads3, heads3, depths[2], 14, 2, 3, 0, 0},
                   Stage{512, 16, depths[3], 7, 0, 0, 0, 0}};
  auto half = [](int64_t pixels) { return (pixels + 1) / 2; };
  SmallVector<int64_t> image = options.counts("image");
  int64_t height = half(image[0]), width = half(image[1]);
  for (Stage &stage : stages) {
    stage.height = height = half(height);
    stage.width2 = width = half(width);
  }
  return stages;
}

static std::string checkTogether(const Options &options) {
  for (auto [number, stage] : llvm::enumerate(stagesOf(options)))
    if (stage.height < stage.ratio || stage.width2 < stage.ratio)
      return "`image` is `" + options.text("image").str() + "`, too small: stage " +
             std::to_string(number + 1) + " has " + std::to_string(stage.height) + "x" +
             std::to_string(stage.width2) + " pixels, expected at least " +
             std::to_string(stage.ratio) + "x" + std::to_string(stage.ratio);
  return "";
}

namespace {
/// Builds the layers; `batch` is the number of images.
class Soft {
public:
  Soft(ModelBuilder &b, const Options &options)
      : b(b), options(options), stages(stagesOf(options)) {}
  void build();

private:
  ModelBuilder &b;
  const Options &options;
  Stages stages;
  Value batch;

  SmallVector<OpFoldResult> sizes(ArrayRef<int64_t> values) {
    SmallVector<OpFoldResult> result;
    for (int64_t value : values)
      result.push_back(b.getIndexAttr(value));
    return result;
  }
  Value convolve(Value x, StringRef layer, int64_t outputs, int64_t kernel, int64_t stride,
                 int64_t padding, bool hasBias);
  Value embedPatches(Value image, int64_t stage);
  Value positions(const Stage &stage, Value table, int64_t first);
  Value addToImages(Value x, Value perImage, StringRef name);
  Value landmarks(const Stage &stage, Value q);
  Value convolveValues(const Stage &stage, Value v);
  Value attend(const Stage &stage, Value x);
  Value softBlock(const Stage &stage, Value x);
  Value softmaxBlock(const Stage &stage, Value x);
  Value addClassToken(const Stage &stage, Value x);
};
} // namespace

Value Soft::convolve(Value x, StringRef layer, int64_t outputs, int64_t kernel, int64_t stride,
                     int64_t padding, bool hasBias) {
  Value weight =
      b.addWeight((layer + ".weight").str(), {outputs, ModelBuilder::width(x), kernel, kernel});
  Value bias = hasBias ? b.addWeight((layer + ".bias").str(), {outputs}) : Value();
  return nn::Conv2dOp::create(b.at(layer), x, weight, bias,
                              b.getDenseI64ArrayAttr({stride, stride}),
                              b.getDenseI64ArrayAttr({padding, padding}), b.getI64IntegerAttr(1));
}

/// [B, h, w, width of the stage]: convolutions with batch norms that halve the image.
Value Soft::embedPatches(Value image, int64_t number) {
  const Stage &stage = stages[number];
  b.enterScope("patch_embed" + llvm::Twine(number + 1) + ".proj");
  struct Step {
    int64_t place, outputs, stride;
  };
  SmallVector<Step> steps = {{0, stage.width, 2}};
  if (number == 0)
    steps = {{0, 32, 2}, {3, 32, 1}, {6, stage.width, 2}};
  for (const Step &step : steps) {
    image = convolve(image, std::to_string(step.place), step.outputs, 3, step.stride, 1, true);
    image = b.batchNorm(image, std::to_string(step.place + 1));
    image = b.relu(image, std::to_string(step.place + 2));
  }
  b.enterScope("");
  return image;
}

/// The position embeddings [n, C] of a stage, resized from its table [1, first + side^2, C].
Value Soft::positions(const Stage &stage, Value table, int64_t first) {
  int64_t side = stage.table;
  if (first > 0)
    table = b.slice(table, 1, first, side * side, "positions.table");
  table = b.expand(table, 1, sizes({side, side}), "positions.image");
  table = nn::InterpolateOp::create(b.at("positions"), table,
                                    b.getDenseI64ArrayAttr({stage.height, stage.width2}));
  return b.collapse(table, 0, 3, "positions.rows");
}

/// x [B, n, C] plus a tensor [n, C] for each image.
Value Soft::addToImages(Value x, Value perImage, StringRef name) {
  b.at(name);
  Value out = tensor::EmptyOp::create(b, mixedSizes(b, b.getLoc(), x), b.getF32Type());
  return buildGeneric(b, b.getLoc(), {{x, {0, 1, 2}}, {perImage, {1, 2}}}, {out, {0, 1, 2}},
                      [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                        return arith::AddFOp::create(b, loc, args[0], args[1]);
                      });
}

/// L [B, m, H, d] of q [B, n, H, d]: each head is an image of its own.
Value Soft::landmarks(const Stage &stage, Value q) {
  int64_t perHead = ModelBuilder::width(q);
  Value images = b.transpose(q, {0, 2, 1, 3}, "attn.heads");
  images = b.collapse(images, 0, 2, "attn.images");
  images = b.expand(images, 1, sizes({stage.height, stage.width2}), "attn.pixels");
  Value l = convolve(images, "attn.Qlandmark_op", perHead, stage.ratio, stage.ratio, 0, false);
  l = b.layerNorm(l, "attn.Qnorm_act.0");
  l = nn::GeluOp::create(b.at("attn.Qnorm_act.1"), l, false);
  l = b.collapse(l, 1, 2, "attn.landmark_rows");
  l = b.expand(l, 0, {batch, b.getIndexAttr(stage.heads)}, "attn.landmark_heads");
  return b.transpose(l, {0, 2, 1, 3}, "attn.landmarks");
}

/// The depthwise convolution of v [B, n, C], whose channels of one head share a kernel.
Value Soft::convolveValues(const Stage &stage, Value v) {
  int64_t width = stage.width, perHead = width / stage.heads, kernel = stage.kernel;
  Value weight = b.addWeight("attn.conv.weight", {stage.heads, 1, kernel, kernel});
  b.at("attn.conv.kernels");
  Value empty =
      tensor::EmptyOp::create(b, sizes({stage.heads, perHead, 1, kernel, kernel}), b.getF32Type());
  weight = linalg::BroadcastOp::create(b, weight, empty, ArrayRef<int64_t>{1}).getResult()[0];
  weight = b.collapse(weight, 0, 2, "attn.conv.kernels");
  Value image = b.expand(v, 1, sizes({stage.height, stage.width2}), "attn.conv.image");
  int64_t padding = kernel / 2;
  image = nn::Conv2dOp::create(
      b.at("attn.conv"), image, weight, Value(), b.getDenseI64ArrayAttr({1, 1}),
      b.getDenseI64ArrayAttr({padding, padding}), b.getI64IntegerAttr(width));
  return b.collapse(image, 1, 2, "attn.conv.rows");
}

Value Soft::attend(const Stage &stage, Value x) {
  int64_t heads = stage.heads, perHead = stage.width / heads;
  SmallVector<OpFoldResult> split = sizes({heads, perHead});
  bool norm = options.flag("norm");
  double scale = std::pow(double(perHead), -0.25);
  Value q = b.map(b.linear(x, "W_q", stage.width), "attn.scaled",
                  [&](ModelBuilder &b, ValueRange args) -> Value {
                    return arith::MulFOp::create(b, args[0], b.f32(scale));
                  });
  q = b.expand(q, 2, split, "attn.query");
  Value v = b.linear(x, "W_v", stage.width);
  Value l = landmarks(stage, q);

  Value c = attn::DistanceOp::create(b.at("attn.distance"), q, l);
  c = b.kernel(c, "gaussian", "attn.kernel");
  Value w = attn::DistanceOp::create(b.at("attn.landmark_distance"), l, l);
  w = b.kernel(w, "gaussian", "attn.landmark_kernel");
  Value table = attn::MaterializeOp::create(b.at("attn.landmark_table"), w);
  Value inverse = nn::NewtonInverseOp::create(
      b.at("attn.inverse"), table, b.getI64IntegerAttr(options.count("iterations")),
      b.getF64FloatAttr(norm ? 0.0 : 0.01), b.getF64FloatAttr(norm ? 2.0 : 1.8),
      norm ? b.getUnitAttr() : UnitAttr(), norm ? b.getF64FloatAttr(1.01) : FloatAttr(),
      b.getI64IntegerAttr(norm ? 10 : 0));
  if (norm) {
    // C (D X D) C^T = (C D) X (C D)^T.
    Value sums = attn::RowSumsOp::create(b.at("attn.landmark_sums"), w, Value());
    Value roots = b.map(sums, "attn.landmark_roots", [](ModelBuilder &b, ValueRange args) -> Value {
      return math::RsqrtOp::create(b, args[0]);
    });
    b.at("attn.normalized");
    c = attn::ScaleOp::create(b, c, Value(), roots, Value(), Value());
  }
  Value matrix = attn::NystromOp::create(b.at("attn.nystrom"), c, inverse);
  Value values = b.expand(v, 2, split, "attn.value");
  Value out = attn::ApplyOp::create(b.at("attn.product"), matrix, values, Value());
  out = b.collapse(out, 2, 2, "attn.rows");
  out = b.add(out, convolveValues(stage, v), "attn");
  return b.linear(out, "ff", stage.width);
}

Value Soft::softBlock(const Stage &stage, Value x) {
  std::string scope = b.scoped("att");
  b.enterScope(scope + ".mha");
  Value out = attend(stage, x);
  b.enterScope(scope);
  x = b.layerNorm(b.add(x, out, "sum1"), "norm1");
  Value inner = b.linear(x, "ff1", 4 * stage.width);
  inner = nn::GeluOp::create(b.at("gelu"), inner, true);
  return b.layerNorm(b.add(x, b.linear(inner, "ff2", stage.width), "sum2"), "norm2");
}

/// A pre-norm block of a vision transformer.
Value Soft::softmaxBlock(const Stage &stage, Value x) {
  constexpr double kEpsilon = 1.0e-6;
  int64_t width = stage.width, perHead = width / stage.heads;
  SmallVector<OpFoldResult> split = sizes({stage.heads, perHead});
  Value y = b.layerNorm(x, "norm1", kEpsilon);
  Value q = b.expand(b.linear(y, "attn.q", width), 2, split, "attn.query");
  Value both = b.linear(y, "attn.kv", 2 * width);
  Value k = b.expand(b.slice(both, 2, 0, width, "attn.keys"), 2, split, "attn.key");
  Value v = b.expand(b.slice(both, 2, width, width, "attn.values"), 2, split, "attn.value");
  y = attn::AttentionOp::create(b.at("attn"), q, k, v, Value(), Value(), b.getStringAttr("exp"),
                                b.getStringAttr("softmax"), UnitAttr(),
                                b.getF64FloatAttr(1 / std::sqrt(double(perHead))));
  y = b.linear(b.collapse(y, 2, 2, "attn.rows"), "attn.proj", width);
  x = b.add(x, y, "sum1");
  y = b.layerNorm(x, "norm2", kEpsilon);
  y = b.linear(y, "mlp.fc1", 4 * width);
  y = nn::GeluOp::create(b.at("mlp.act"), y, false);
  return b.add(x, b.linear(y, "mlp.fc2", width), "sum2");
}

/// x [B, n, C] with positions, behind a row for the class token [B, 1 + n, C].
Value Soft::addClassToken(const Stage &stage, Value x) {
  int64_t width = stage.width, side = stage.table;
  Value token = b.addWeight("cls_token", {1, 1, width});
  Value table = b.addWeight("pos_embed4", {1, 1 + side * side, width});
  x = addToImages(x, positions(stage, table, 1), "tokens");
  token = b.add(token, b.slice(table, 1, 0, 1, "cls_position"), "cls_sum");
  token = b.collapse(token, 0, 2, "cls_row");
  b.at("cls_rows");
  Value empty = tensor::EmptyOp::create(
      b, SmallVector<OpFoldResult>{batch, b.getIndexAttr(1), b.getIndexAttr(width)},
      b.getF32Type());
  Value rows = linalg::BroadcastOp::create(b, token, empty, ArrayRef<int64_t>{0}).getResult()[0];
  return b.concatenate({rows, x}, 1, "sequence");
}

void Soft::build() {
  SmallVector<int64_t> size = options.counts("image");
  b.declareSize("B", "batch");
  Value image = b.addInput("image", b.getF32Type(), {ShapedType::kDynamic, 3, size[0], size[1]},
                           {"B", "", "", ""});
  Value zero = b.index(0);
  batch = tensor::DimOp::create(b.at("B"), image, zero);
  Value x = b.transpose(image, {0, 2, 3, 1}, "pixels");
  for (int64_t number = 0; number < 4; ++number) {
    const Stage &stage = stages[number];
    x = embedPatches(x, number);
    x = b.collapse(x, 1, 2, "stage" + std::to_string(number + 1));
    bool isLast = number == 3;
    if (isLast) {
      x = addClassToken(stage, x);
    } else {
      std::string name = "pos_embed" + std::to_string(number + 1);
      Value table = b.addWeight(name, {1, stage.table * stage.table, stage.width});
      x = addToImages(x, positions(stage, table, 0), name + ".sum");
    }
    for (int64_t block = 0; block < stage.depth; ++block) {
      b.enterScope("block" + llvm::Twine(number + 1) + "." + llvm::Twine(block));
      x = isLast ? softmaxBlock(stage, x) : softBlock(stage, x);
    }
    b.enterScope("");
    if (!isLast)
      x = b.expand(x, 1, sizes({stage.height, stage.width2}), "image" + std::to_string(number + 2));
  }
  x = b.collapse(b.slice(x, 1, 0, 1, "cls"), 0, 2, "cls_features");
  x = b.layerNorm(x, "norm", 1.0e-6);
  b.finish(b.linear(x, "head", options.count("classes")), "logits", "B");
}

static void buildSoft(ModelBuilder &b, const Options &options) { Soft(b, options).build(); }

namespace attune::models {
extern const Model softModel;
const Model softModel = {"soft", "softmax-free vision transformer", kOptions, buildSoft,
                         checkTogether};
} // namespace attune::models
