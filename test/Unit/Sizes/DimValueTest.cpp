// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sizes as IR: of tensors by tensor.dim, of matrices from the tensors that they are made of.

#include "ParsedModule.h"
#include "attune/Dialect/Attn/SizeOps.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attune;

namespace {

constexpr const char *kModel = R"(
func.func @f(%q: tensor<?x?x4x8xf32> {attune.dims = ["B", "N", "", ""]} loc("q"),
             %k: tensor<?x?x4x8xf32> {attune.dims = ["B", "M", "", ""]} loc("k"),
             %o: tensor<?xi64> {attune.dims = ["N+1"]}, %c: tensor<?xi32> {attune.dims = ["E"]},
             %w: tensor<?x2xf32> {attune.dims = ["E", ""]}, %m: index loc("columns"),
             %given: !attn.matrix<3x?xf32> loc("given")) {
  %dot = attn.dot %q, %k : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32> loc("dot")
  %sum = attn.add %dot, %dot : !attn.matrix<?x4x?x?xf32>, !attn.matrix<?x4x?x?xf32>
  %turned = attn.transpose %sum : !attn.matrix<?x4x?x?xf32> loc("turned")
  %graph = attn.adjacency %o, %c values(%w) columns(%m)
      : tensor<?xi64>, tensor<?xi32>, tensor<?x2xf32> loc("graph")
  return
})";

class DimValueTest : public testing::Test {
protected:
  DimValueTest() : model(kModel) {}

  void SetUp() override { ASSERT_TRUE(model.isValid()); }

  OpBuilder builder() {
    auto function = *model.get().getOps<func::FuncOp>().begin();
    return OpBuilder(function.getBody().front().getTerminator());
  }

  Value dim(StringRef name, int64_t position) {
    OpBuilder b = builder();
    return dimValue(b, b.getUnknownLoc(), model.value(name), position);
  }

  ParsedModule model;
};

/// The tensor and dimension that `value` reads.
std::pair<Value, int64_t> readBy(Value value) {
  auto op = value.getDefiningOp<tensor::DimOp>();
  return op ? std::pair(op.getSource(), op.getConstantIndex().value_or(-1))
            : std::pair(Value(), -1L);
}

TEST_F(DimValueTest, Tensors) {
  EXPECT_EQ(readBy(dim("q", 1)), std::pair(model.value("q"), 1L));
  EXPECT_EQ(getConstantIntValue(dim("q", 3)), 8);
  OpBuilder b = builder();
  SmallVector<OpFoldResult> sizes = mixedSizes(b, b.getUnknownLoc(), model.value("q"));
  ASSERT_EQ(sizes.size(), 4u);
  EXPECT_EQ(readBy(dyn_cast<Value>(sizes[0])), std::pair(model.value("q"), 0L));
  EXPECT_EQ(sizes[2], OpFoldResult(b.getIndexAttr(4)));
}

TEST_F(DimValueTest, MatricesResolveToTensors) {
  // Through the sum and the transposition: its rows are those of k.
  EXPECT_EQ(readBy(dim("turned", 2)), std::pair(model.value("k"), 1L));
  EXPECT_EQ(readBy(dim("turned", 3)), std::pair(model.value("q"), 1L));
  EXPECT_EQ(readBy(dim("turned", 0)), std::pair(model.value("q"), 0L));
  EXPECT_EQ(getConstantIntValue(dim("turned", 1)), 4);
  EXPECT_EQ(dim("graph", 2), model.value("columns"));
  EXPECT_EQ(sizeOfIndex(dim("graph", 1)).str(), "N");
}

TEST_F(DimValueTest, AgreesWithTheTrace) {
  OpBuilder b = builder();
  for (const char *name : {"q", "dot", "turned", "graph"}) {
    Value value = model.value(name);
    auto uses = std::distance(value.use_begin(), value.use_end());
    SmallVector<OpFoldResult> sizes = mixedSizes(b, b.getUnknownLoc(), value);
    ASSERT_EQ(static_cast<int64_t>(sizes.size()), cast<ShapedType>(value.getType()).getRank());
    for (auto [i, size] : llvm::enumerate(sizes)) {
      std::optional<int64_t> constant = getConstantIntValue(size);
      SizePoly found = constant ? SizePoly(*constant) : sizeOfIndex(cast<Value>(size));
      // `columns` is an index argument, which has no name.
      EXPECT_EQ(found.str(), sizeOf(value, i).str()) << name << " " << i;
    }
    // No op that reads a matrix is left behind.
    if (!isa<RankedTensorType>(value.getType()))
      EXPECT_EQ(std::distance(value.use_begin(), value.use_end()), uses) << name;
  }
}

TEST_F(DimValueTest, NothingSaysWhatAnArgumentIsMadeOf) {
  auto dimOp = dim("given", 1).getDefiningOp<attn::DimOp>();
  ASSERT_TRUE(dimOp);
  EXPECT_EQ(dimOp.getMatrix(), model.value("given"));
  EXPECT_EQ(dimOp.getDim(), 1u);
  EXPECT_EQ(getConstantIntValue(dim("given", 0)), 3);
}

} // namespace
