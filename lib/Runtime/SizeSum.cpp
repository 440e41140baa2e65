// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of named sizes: text <-> struct, and their values in 64 bits. No step overflows unnoticed.

#include "attune/Runtime/SizeSum.h"

#include <algorithm>
#include <set>

namespace attune::runtime {

// Not those of <cctype>, which depend on the locale.
static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static const char *const numberRange = "expected -9223372036854775808 to 9223372036854775807";

namespace {
/// Reads the grammar from left to right; the first error stays.
class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}

  ParsedSize run();

private:
  bool atEnd() const { return at == text.size(); }
  char peek() const { return atEnd() ? '\0' : text[at]; }
  void skipSpaces() {
    while (!atEnd() && isSpace(text[at]))
      ++at;
  }
  std::string place() const { return " at character " + std::to_string(at + 1); }
  bool fail(const std::string &problem) {
    error = "`" + std::string(text) + "` " + problem;
    return false;
  }
  bool failHere(const std::string &expected);
  bool readSign();
  bool readTerm();
  bool readName(int64_t factor);
  bool readNumber(int64_t &number);
  bool add(const std::string &name, int64_t factor) {
    return sum.add(name, factor) ||
           fail("adds up to a number beyond 64 bits" + place() + ", " + numberRange);
  }

  std::string_view text;
  size_t at = 0;
  bool negative = false;
  SizeSum sum;
  std::string error;
};
} // namespace

/// Something else stands here than what is expected.
bool Parser::failHere(const std::string &expected) {
  if (!atEnd()) {
    // All bytes of one character of UTF-8.
    size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      ++end;
    return fail("has `" + std::string(text.substr(at, end - at)) + "`" + place() + ", expected " +
                expected);
  }
  size_t last = text.size();
  while (last > 0 && isSpace(text[last - 1]))
    --last;
  if (last == 0)
    return fail("is blank, expected " + expected);
  return fail("ends after `" + std::string(1, text[last - 1]) + "`, expected " + expected);
}

bool Parser::readNumber(int64_t &number) {
  size_t begin = at;
  for (number = 0; isDigit(peek()); ++at) {
    int64_t digit = peek() - '0';
    if (__builtin_mul_overflow(number, int64_t(10), &number) ||
        __builtin_add_overflow(number, negative ? -digit : digit, &number)) {
      at = begin;
      return fail("has a number beyond 64 bits" + place() + ", " + numberRange);
    }
  }
  return true;
}

bool Parser::readName(int64_t factor) {
  size_t begin = at;
  if (!isLetter(peek()))
    return failHere("a name");
  while (isLetter(peek()) || isDigit(peek()))
    ++at;
  std::string name(text.substr(begin, at - begin));
  if (!add(name, factor))
    return false;
  skipSpaces();
  return peek() != '*' ||
         failHere("`+`, `-` or the end: only a number stands before `*`, as in `2*N`");
}

bool Parser::readTerm() {
  skipSpaces();
  if (isLetter(peek()))
    return readName(negative ? -1 : 1);
  if (!isDigit(peek()))
    return failHere("a name or a number");
  int64_t number;
  if (!readNumber(number))
    return false;
  skipSpaces();
  if (peek() != '*')
    return add("", number);
  ++at;
  skipSpaces();
  return readName(number);
}

bool Parser::readSign() {
  if (peek() != '+' && peek() != '-')
    return failHere("`+`, `-` or the end");
  negative = text[at++] == '-';
  return true;
}

ParsedSize Parser::run() {
  skipSpaces();
  if (peek() == '-')
    readSign();
  bool good = readTerm();
  for (skipSpaces(); good && !atEnd(); skipSpaces())
    good = readSign() && readTerm();
  return good ? ParsedSize{sum, ""} : ParsedSize{std::nullopt, error};
}

ParsedSize SizeSum::parse(std::string_view text) {
  return text.empty() ? ParsedSize{} : Parser(text).run();
}

const std::string *SizeSum::singleName() const {
  bool single = constant == 0 && factors.size() == 1 && factors.begin()->second == 1;
  return single ? &factors.begin()->first : nullptr;
}

std::vector<std::string> SizeSum::names() const {
  std::vector<std::string> names;
  for (const auto &[name, factor] : factors)
    names.push_back(name);
  return names;
}

bool SizeSum::add(const std::string &name, int64_t factor) {
  if (name.empty())
    return !__builtin_add_overflow(constant, factor, &constant);
  int64_t &own = factors[name];
  bool fits = !__builtin_add_overflow(own, factor, &own);
  if (own == 0)
    factors.erase(name);
  return fits;
}

std::string SizeSum::text() const {
  std::string text;
  auto append = [&](const std::string &term) {
    text += (text.empty() || term[0] == '-' ? "" : "+") + term;
  };
  for (bool negative : {false, true})
    for (const auto &[name, factor] : factors) {
      if ((factor < 0) != negative)
        continue;
      std::string number = factor == 1 ? "" : factor == -1 ? "-" : std::to_string(factor) + "*";
      append(number + name);
    }
  if (constant != 0 || factors.empty())
    append(std::to_string(constant));
  return text;
}

std::optional<int64_t> SizeSum::evaluate(const Values &values) const {
  int64_t sum = 0;
  for (const auto &[name, factor] : factors) {
    std::optional<int64_t> value = values(name);
    int64_t product;
    if (!value || __builtin_mul_overflow(*value, factor, &product) ||
        __builtin_add_overflow(sum, product, &sum))
      return std::nullopt;
  }
  if (__builtin_add_overflow(sum, constant, &sum))
    return std::nullopt;
  return sum;
}

std::optional<int64_t> SizeSum::solve(const std::string &name, int64_t total,
                                      const Values &values) const {
  SizeSum others = *this;
  others.factors.erase(name);
  int64_t factor = factors.at(name), part;
  std::optional<int64_t> rest = others.evaluate(values);
  if (!rest || __builtin_sub_overflow(total, *rest, &part))
    return std::nullopt;
  // The smallest number has no opposite.
  if (factor == -1)
    return part <= 0 && part != INT64_MIN ? std::optional<int64_t>(-part) : std::nullopt;
  if (part % factor != 0 || part / factor < 0)
    return std::nullopt;
  return part / factor;
}

bool isSizeName(std::string_view text) {
  return !text.empty() && isLetter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return isLetter(c) || isDigit(c); });
}

std::string checkFixed(const std::vector<std::string> &names, const std::vector<SizeSum> &sums) {
  std::set<std::string> fixed;
  for (size_t before = SIZE_MAX; before != fixed.size();) {
    before = fixed.size();
    for (const SizeSum &sum : sums) {
      std::vector<std::string> open = sum.names();
      open.erase(std::remove_if(open.begin(), open.end(),
                                [&](const std::string &name) { return fixed.count(name) != 0; }),
                 open.end());
      if (open.size() == 1)
        fixed.insert(open.front());
    }
  }
  for (const std::string &name : names)
    if (!fixed.count(name))
      return "no argument fixes the size `" + name +
             "`, expected a dimension in which all others are known";
  return "";
}

} // namespace attune::runtime
