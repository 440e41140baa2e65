// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The grammar of sizes: what is read, what is refused and how, text there and back, values that fit
// 64 bits.

#include "attune/Runtime/SizeSum.h"

#include <gtest/gtest.h>

#include <random>

using namespace attune::runtime;

/// The canonical text, or the error.
static std::string read(const std::string &text) {
  ParsedSize parsed = SizeSum::parse(text);
  EXPECT_NE(parsed.size.has_value(), !parsed.error.empty()) << text;
  return parsed.size ? parsed.size->text() : parsed.error;
}

static SizeSum sum(const std::string &text) {
  return SizeSum::parse(text).size.value_or(SizeSum::number(-12345));
}

/// N = 5, M = 7, L = the largest number.
static std::optional<int64_t> values(const std::string &name) {
  if (name == "N")
    return 5;
  if (name == "M")
    return 7;
  return name == "L" ? std::optional<int64_t>(INT64_MAX) : std::nullopt;
}

TEST(SizeSum, ReadsSums) {
  for (const char *text :
       {"N", "N+1", "G-1", "2*N-1", "E+N", "7", "0", "-N+1", "-2*N", "rows_2+12", "_x9", "d0_1",
        "A+B-C-3*D+4", "9223372036854775807*N", "-9223372036854775808*N-9223372036854775808"})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(sum("2*N-1").factors, (std::map<std::string, int64_t>{{"N", 2}}));
  EXPECT_EQ(sum("2*N-1").constant, -1);
}

TEST(SizeSum, TextsOfOneSumAreOneText) {
  EXPECT_EQ(read(" 2 * N\t- 1 "), "2*N-1");
  EXPECT_EQ(read("N+E"), "E+N");
  EXPECT_EQ(read("1+N"), "N+1");
  EXPECT_EQ(read("N+1+N-3"), "2*N-2");
  EXPECT_EQ(read("1*N"), "N");
  EXPECT_EQ(read("0*N+3"), "3");
  EXPECT_EQ(read("N-N"), "0");
  EXPECT_EQ(read("007"), "7");
  EXPECT_EQ(read("-0"), "0");
  EXPECT_TRUE(sum("N+E") == sum("E+N"));
  EXPECT_TRUE(sum("N+E") != sum("E-N"));
}

TEST(SizeSum, NoTextIsASizeWithoutName) {
  EXPECT_FALSE(SizeSum::parse("").size);
  EXPECT_EQ(SizeSum::parse("").error, "");
}

TEST(SizeSum, SaysWhatIsWrong) {
  EXPECT_EQ(read(" "), "` ` is blank, expected a name or a number");
  EXPECT_EQ(read("N+"), "`N+` ends after `+`, expected a name or a number");
  EXPECT_EQ(read("N - "), "`N - ` ends after `-`, expected a name or a number");
  EXPECT_EQ(read("2*"), "`2*` ends after `*`, expected a name");
  EXPECT_EQ(read("--"), "`--` has `-` at character 2, expected a name or a number");
  EXPECT_EQ(read("+N"), "`+N` has `+` at character 1, expected a name or a number");
  EXPECT_EQ(read("N+-1"), "`N+-1` has `-` at character 3, expected a name or a number");
  EXPECT_EQ(read("2N"), "`2N` has `N` at character 2, expected `+`, `-` or the end");
  EXPECT_EQ(read("N M"), "`N M` has `M` at character 3, expected `+`, `-` or the end");
  EXPECT_EQ(read("N/2"), "`N/2` has `/` at character 2, expected `+`, `-` or the end");
  EXPECT_EQ(read("2*3"), "`2*3` has `3` at character 3, expected a name");
  EXPECT_EQ(read("G+x*y"), "`G+x*y` has `*` at character 4, expected `+`, `-` or the end: only a "
                           "number stands before `*`, as in `2*N`");
  EXPECT_EQ(read("?"), "`?` has `?` at character 1, expected a name or a number");
  EXPECT_EQ(read("$n"), "`$n` has `$` at character 1, expected a name or a number");
  EXPECT_EQ(read("(N)"), "`(N)` has `(` at character 1, expected a name or a number");
  EXPECT_EQ(read("n\xc3\xb6"), "`n\xc3\xb6` has `\xc3\xb6` at character 2, expected `+`, `-` or "
                               "the end");
  EXPECT_EQ(read("N+\xff"), "`N+\xff` has `\xff` at character 3, expected a name or a number");
}

TEST(SizeSum, RefusesNumbersBeyond64Bits) {
  const std::string range = ", expected -9223372036854775808 to 9223372036854775807";
  for (const char *text : {"N+9223372036854775808", "N-9223372036854775809",
                           "N+99999999999999999999999", "N+9223372036854775808*M"})
    EXPECT_EQ(read(text),
              "`" + std::string(text) + "` has a number beyond 64 bits at character 3" + range);
  for (const char *text : {"9223372036854775807+1", "-1-9223372036854775808",
                           "9223372036854775807*N+N", "-9223372036854775808*N-N"})
    EXPECT_NE(read(text).find("` adds up to a number beyond 64 bits at character "),
              std::string::npos)
        << read(text);
}

TEST(SizeSum, TextIsReadBack) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    SizeSum size;
    for (const char *name : {"A", "b_2", "_", "N"})
      if (int64_t factor = int64_t(random()) >> (random() % 64); random() % 2)
        size.add(name, factor);
    size.add("", random() % 2 ? 0 : int64_t(random()) >> (random() % 64));
    ASSERT_TRUE(SizeSum::parse(size.text()).size) << size.text();
    ASSERT_TRUE(*SizeSum::parse(size.text()).size == size) << size.text();
  }
}

TEST(SizeSum, Names) {
  EXPECT_EQ(*sum("N").singleName(), "N");
  for (const char *text : {"N+1", "2*N", "-N", "N+M", "7"})
    EXPECT_EQ(sum(text).singleName(), nullptr) << text;
  EXPECT_TRUE(sum("7").isConstant());
  EXPECT_EQ(sum("2*N+M-1").names(), (std::vector<std::string>{"M", "N"}));
  for (const char *name : {"N", "_", "d0_1"})
    EXPECT_TRUE(isSizeName(name)) << name;
  for (const char *name : {"", "2", "2N", "G-1", "N ", "?"})
    EXPECT_FALSE(isSizeName(name)) << name;
}

TEST(SizeSum, Evaluates) {
  EXPECT_EQ(sum("2*N-1").evaluate(values), 9);
  EXPECT_EQ(sum("M-N").evaluate(values), 2);
  EXPECT_EQ(sum("N-M").evaluate(values), -2);
  EXPECT_EQ(sum("7").evaluate(values), 7);
  EXPECT_EQ(sum("L").evaluate(values), INT64_MAX);
  EXPECT_EQ(sum("4611686018427387904*N").evaluate(values), std::nullopt);
  EXPECT_EQ(sum("L+1").evaluate(values), std::nullopt);
  EXPECT_EQ(sum("L+N").evaluate(values), std::nullopt);
  EXPECT_EQ(sum("N+unknown").evaluate(values), std::nullopt);
}

TEST(SizeSum, Solves) {
  EXPECT_EQ(sum("K").solve("K", 4, values), 4);
  EXPECT_EQ(sum("2*K-1").solve("K", 9, values), 5);
  EXPECT_EQ(sum("2*K-1").solve("K", 8, values), std::nullopt);
  EXPECT_EQ(sum("K+3").solve("K", 2, values), std::nullopt);
  EXPECT_EQ(sum("K+N").solve("K", 12, values), 7);
  EXPECT_EQ(sum("K+N").solve("K", 4, values), std::nullopt);
  EXPECT_EQ(sum("-K+9").solve("K", 4, values), 5);
  EXPECT_EQ(sum("-3*K").solve("K", -6, values), 2);
  EXPECT_EQ(sum("-K-9223372036854775807-1").solve("K", 0, values), std::nullopt);
  EXPECT_EQ(sum("K-9223372036854775808").solve("K", 0, values), std::nullopt);
  EXPECT_EQ(sum("K+unknown").solve("K", 5, values), std::nullopt);
}

TEST(SizeSum, WhatFixesASize) {
  auto check = [](std::vector<std::string> names, const std::vector<std::string> &texts) {
    std::vector<SizeSum> sums;
    for (const std::string &text : texts)
      sums.push_back(sum(text));
    return checkFixed(names, sums);
  };
  const std::string expected = ", expected a dimension in which all others are known";
  EXPECT_EQ(check({"N"}, {"2*N-1"}), "");
  EXPECT_EQ(check({"E", "N"}, {"E+N", "N"}), "");
  EXPECT_EQ(check({"A", "B", "C"}, {"A+B+C", "B+C", "C"}), "");
  EXPECT_EQ(check({"E", "N"}, {"E+N"}), "no argument fixes the size `E`" + expected);
  EXPECT_EQ(check({"N"}, {"7"}), "no argument fixes the size `N`" + expected);
  // Two sums with two unknowns are not solved together.
  EXPECT_EQ(check({"E", "N"}, {"E+N", "E-N"}), "no argument fixes the size `E`" + expected);
}
