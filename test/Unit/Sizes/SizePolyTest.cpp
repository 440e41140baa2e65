// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Polynomials in named sizes: the algebra, what is read off them, their text and their IR.

#include "attune/Sizes/Assumptions.h"
#include "attune/Sizes/EntryAttrs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OwningOpRef.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace attune;

namespace {

SizePoly n() { return SizePoly::symbol("N"); }
SizePoly m() { return SizePoly::symbol("M"); }

TEST(SizePoly, SumsMergeTerms) {
  EXPECT_EQ((n() + n() + m()).str(), "M + 2*N");
  EXPECT_EQ((n() + SizePoly(3) + n() + SizePoly(4)).str(), "2*N + 7");
  EXPECT_TRUE(n() + m() == m() + n());
  SizePoly sum = n();
  sum += sum;
  EXPECT_EQ(sum.str(), "2*N");
}

TEST(SizePoly, ProductsMergeSymbols) {
  EXPECT_TRUE(n() * m() == m() * n());
  EXPECT_TRUE((n() + m()) * (n() - m()) == n() * n() - m() * m());
  EXPECT_EQ(((n() + SizePoly(1)) * (n() + SizePoly(1))).str(), "N^2 + 2*N + 1");
  EXPECT_EQ((n() * m() * n()).str(), "M*N^2");
  EXPECT_TRUE(n() * SizePoly(1) == n());
}

TEST(SizePoly, NothingIsLeftOfWhatCancels) {
  SizePoly square = (n() + m()) * (n() + m());
  for (const SizePoly &zero : {SizePoly(), SizePoly(0), n() - n(), square - square,
                               n() * SizePoly(0), SizePoly() * square}) {
    EXPECT_TRUE(zero.isZero());
    EXPECT_TRUE(zero.terms.empty());
    EXPECT_TRUE(zero == SizePoly());
    EXPECT_EQ(zero.getConstant(), 0);
    EXPECT_EQ(zero.str(), "0");
  }
  // The mixed term alone.
  EXPECT_EQ((square - n() * n() - m() * m()).str(), "2*M*N");
}

TEST(SizePoly, TextHasTheLargestDegreeFirst) {
  EXPECT_EQ((SizePoly(64) * n() + SizePoly(256) * n() * n()).str(), "256*N^2 + 64*N");
  EXPECT_EQ((SizePoly(5) + n() + m() * n() + m()).str(), "M*N + M + N + 5");
  EXPECT_EQ((SizePoly(-3) * n() - SizePoly(1)).str(), "-3*N - 1");
  EXPECT_EQ((m() - n()).str(), "M - N");
  EXPECT_EQ((n() - m()).str(), "-M + N");
  EXPECT_EQ(SizePoly(1).str(), "1");
  EXPECT_EQ(SizePoly(-1).str(), "-1");
  EXPECT_EQ((n() * n() * n()).str(), "N^3");
}

TEST(SizePoly, ConstantsAndSymbols) {
  EXPECT_EQ(SizePoly(7).getConstant(), 7);
  EXPECT_FALSE(n().getConstant());
  EXPECT_FALSE((n() + SizePoly(7)).getConstant());
  EXPECT_EQ(n().getSymbol(), "N");
  for (const SizePoly &other :
       {SizePoly(), SizePoly(1), SizePoly(2) * n(), n() * n(), n() + m(), n() + SizePoly(1)})
    EXPECT_FALSE(other.getSymbol()) << other.str();
  EXPECT_TRUE((m() * n() + SizePoly(1)).hasSymbol("M"));
  EXPECT_FALSE((m() * n() + SizePoly(1)).hasSymbol("K"));
  EXPECT_FALSE((n() - n()).hasSymbol("N"));
}

TEST(SizePoly, EqualityIsThatOfTerms) {
  EXPECT_FALSE(n() == m());
  EXPECT_FALSE(n() == SizePoly(2) * n());
  EXPECT_FALSE(n() == n() + SizePoly(1));
  EXPECT_FALSE(n() * n() == n());
}

TEST(SizePoly, DegreeCountsTheSymbolsAskedFor) {
  SizePoly poly = n() * n() * m() + m() * m() * m() * m() + SizePoly(9);
  auto all = [](StringRef) { return true; };
  auto onlyN = [](StringRef name) { return name == "N"; };
  auto none = [](StringRef) { return false; };
  EXPECT_EQ(poly.degree(all), 4u);
  EXPECT_EQ(poly.degree(onlyN), 2u);
  EXPECT_EQ(poly.degree(none), 0u);
  EXPECT_EQ(SizePoly().degree(all), 0u);
}

TEST(SizePoly, FractionsHaveACommonDenominator) {
  // The pairs under a causal mask.
  SizePoly half = (n() * (n() + SizePoly(1))).dividedBy(2);
  EXPECT_EQ(half.str(), "1/2*N^2 + 1/2*N");
  EXPECT_EQ((half + half).str(), "N^2 + N");
  EXPECT_EQ((half * SizePoly(6) - n().dividedBy(3)).str(), "3*N^2 + 8/3*N");
  EXPECT_EQ(half.evaluate([](StringRef) { return 5.0; }), 15.0);
  EXPECT_TRUE(SizePoly(3).dividedBy(2) * SizePoly(2) == SizePoly(3));
  EXPECT_EQ((SizePoly() - SizePoly(3).dividedBy(2)).str(), "-3/2");
  EXPECT_FALSE(SizePoly(3).dividedBy(2).getConstant());
  EXPECT_FALSE(n().dividedBy(2).getSymbol());
}

TEST(SizePoly, CoefficientsThatLeaveInt64Overflow) {
  SizePoly doubled(1);
  for (int i = 0; i < 62; ++i)
    doubled += doubled;
  EXPECT_EQ(doubled.getConstant(), int64_t(1) << 62);
  SizePoly most = SizePoly() - doubled - doubled;
  EXPECT_EQ(most.str(), "-9223372036854775808");
  for (const SizePoly &poly :
       {doubled + doubled, doubled * SizePoly(4), most - SizePoly(1), n() * doubled * doubled,
        doubled.dividedBy(3).dividedBy(int64_t(1) << 62)}) {
    EXPECT_TRUE(poly.hasOverflow());
    EXPECT_EQ(poly.str(), "more than 2^63");
    EXPECT_FALSE(poly.isZero() || poly.getConstant() || poly.getSymbol());
    EXPECT_FALSE(poly == poly);
    EXPECT_TRUE((poly + n()).hasOverflow() && (poly * n()).hasOverflow());
    EXPECT_TRUE(std::isinf(poly.evaluate([](StringRef) { return 1.0; })));
  }
}

TEST(SizePoly, SubstitutesPowersOfASymbol) {
  SizePoly poly = SizePoly(3) * n() * n() * m() + n() + SizePoly(7);
  SizePoly result = poly.substitute("N", [](unsigned power) {
    return power == 2 ? SizePoly::symbol("P") : power == 1 ? n() : SizePoly::symbol("G");
  });
  EXPECT_EQ(result.str(), "3*M*P + 7*G + N");
}

TEST(SizePoly, Evaluates) {
  auto size = [](StringRef name) { return name == "N" ? 3.0 : 10.0; };
  EXPECT_EQ((SizePoly(2) * n() * n() * m() - m() + SizePoly(4)).evaluate(size), 174.0);
  EXPECT_EQ(SizePoly().evaluate(size), 0.0);
  // Beyond int64: the sizes are floating point.
  EXPECT_EQ((n() * n()).evaluate([](StringRef) { return 1e12; }), 1e24);
  // A graph has ten times as many edges as nodes.
  EXPECT_EQ(assumedValue(SizePoly::symbol("E")), 10 * assumedValue(n()));
}

/// The number that arithmetic of constants comes to.
int64_t fold(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  Operation *op = value.getDefiningOp();
  int64_t lhs = fold(op->getOperand(0)), rhs = fold(op->getOperand(1));
  EXPECT_TRUE((isa<arith::MulIOp, arith::AddIOp>(op)));
  return isa<arith::MulIOp>(op) ? lhs * rhs : lhs + rhs;
}

TEST(SizePoly, BuildsIndexArithmetic) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  OpBuilder b = OpBuilder::atBlockBegin(module->getBody());
  Location loc = b.getUnknownLoc();
  auto size = [&](StringRef name) -> Value {
    if (name == "?")
      return {};
    return arith::ConstantIndexOp::create(b, loc, name == "N" ? 3 : 10);
  };
  EXPECT_EQ(fold((SizePoly(2) * n() * n() * m() - m() + SizePoly(4)).build(b, loc, size)), 174);
  EXPECT_EQ(fold(SizePoly().build(b, loc, size)), 0);
  EXPECT_FALSE((n() * SizePoly::symbol("?")).build(b, loc, size));
}

TEST(SizePoly, SumsOfSizesThereAndBack) {
  for (const char *text : {"N", "G+1", "2*N-1", "E+N", "7", "0", "-M+3"}) {
    std::optional<runtime::SizeSum> sum = runtime::SizeSum::parse(text).size;
    ASSERT_TRUE(sum) << text;
    EXPECT_EQ(sumOf(polyOf(*sum)), sum) << text;
  }
  EXPECT_TRUE(polyOf(*runtime::SizeSum::parse("2*N-1").size) == SizePoly(2) * n() - SizePoly(1));
  EXPECT_FALSE(sumOf(n() * m()));
  EXPECT_FALSE(sumOf(SizePoly::symbol("?") + SizePoly(1)));
}

} // namespace
