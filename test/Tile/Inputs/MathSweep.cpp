// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the functions of a compiled module over float32 and compares with the C library in double.
//
//   MathSweep <module.so> <every> <function>=<bound in ulp> ..
//
// Every n-th float is tried, and all floats near powers of two and near the places where a function
// changes its ways; with <every> = 1 these are all 2^32. `pow` is tried on pairs. Each result must
// be within the bound of the true value, or be the special value that is due. A prefix of the
// inputs is computed again three at a time, which no vector holds: scalars must give the same bits.
//
// An ulp is the distance of floats at the true value, 2^-149 below 2^-126. Infinity counts as
// 2^128.
#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <functional>
#include <limits>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using Entry = int32_t (*)(const int64_t *, const void *const *, void *const *, char *, int64_t);

struct Function {
  const char *name;
  double (*reference)(double, double);
  /// Results below this may be 0.
  double flushedBelow = 0;
  /// What is smaller may be up to this, where reciprocals are exact: the argument of exp is cut
  /// off.
  double floor = 0;
  /// Inputs above it are not tried.
  double highest = std::numeric_limits<double>::infinity();
};

constexpr double kSmallest = 0x1p-126;
const Function functions[] = {
    {"exp", [](double x, double) { return std::exp(x); }, kSmallest},
    {"exp_nonpositive", [](double x, double) { return std::exp(x); }, kSmallest, 0, 0},
    {"exp2", [](double x, double) { return std::exp2(x); }, kSmallest},
    {"expm1", [](double x, double) { return std::expm1(x); }},
    {"log", [](double x, double) { return std::log(x); }},
    {"log2", [](double x, double) { return std::log2(x); }},
    {"log1p", [](double x, double) { return std::log1p(x); }},
    // The estimate of a reciprocal may end a little above the smallest normal number.
    {"sigmoid", [](double x, double) { return 1 / (1 + std::exp(-x)); }, 1.001 * kSmallest,
     1 / 2.2e38},
    {"quotient", [](double x, double) { return 3 / (0.25 + std::exp(x)); }, 3.003 * kSmallest,
     3 / 2.2e38},
    {"tanh", [](double x, double) { return std::tanh(x); }},
    {"erf", [](double x, double) { return std::erf(x); }},
    {"pow", [](double x, double y) { return std::pow(x, y); }},
    {"pow_of_constant", [](double x, double) { return std::pow(double(0.8f), x); }},
};

/// Pairs (x, y); functions of one argument ignore y.
struct Inputs {
  std::vector<float> x, y;
  void add(float first, float second = 0) {
    x.push_back(first);
    y.push_back(second);
  }
};

struct Report {
  /// Results that are the nearest float are not looked at.
  double worst = 0.5;
  float x = 0, y = 0, got = 0;
  uint64_t tried = 0, flushed = 0, wrong = 0, unequal = 0;

  void merge(const Report &other) {
    tried += other.tried, flushed += other.flushed, unequal += other.unequal;
    bool firstWrong = wrong == 0 && other.wrong != 0;
    wrong += other.wrong;
    if (firstWrong || (other.worst > worst && (wrong == 0 || other.wrong != 0)))
      worst = other.worst, x = other.x, y = other.y, got = other.got;
  }
};

float fromBits(uint32_t bits) { return std::bit_cast<float>(bits); }
bool sameBits(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// Distance of `got` from the true value, in ulp; infinite where a special value is wrong.
double distance(float got, double truth) {
  constexpr double never = std::numeric_limits<double>::infinity();
  if (std::isnan(truth) || std::isnan(got))
    return std::isnan(truth) && std::isnan(got) ? 0 : never;
  if (truth == 0 || std::signbit(got) != std::signbit(truth))
    return got == 0 && std::signbit(got) == std::signbit(truth) ? 0 : never;
  auto finite = [](double value) { return std::clamp(value, -0x1p128, 0x1p128); };
  truth = finite(truth);
  int64_t biased = std::bit_cast<uint64_t>(truth) >> 52 & 0x7ff;
  int64_t exponent = std::clamp<int64_t>(biased - 1023, -126, 127);
  double inverseUlp = std::bit_cast<double>(uint64_t(1023 + 23 - exponent) << 52);
  return std::fabs(finite(got) - truth) * inverseUlp;
}

void call(Entry entry, const float *x, const float *y, float *out, int64_t count) {
  const void *arguments[] = {x, y};
  void *results[] = {out};
  char message[256] = "";
  if (entry(&count, arguments, results, message, sizeof message) != 0) {
    std::fprintf(stderr, "MathSweep: error: the call failed: %s\n", message);
    std::exit(1);
  }
}

Report check(const Function &function, Entry entry, const Inputs &in, int64_t scalars) {
  Report report;
  int64_t count = in.x.size();
  std::vector<float> out(count + 3);
  call(entry, in.x.data(), in.y.data(), out.data(), count);
  for (int64_t i = 0; i < count; ++i) {
    double truth = function.reference(in.x[i], in.y[i]);
    report.tried++;
    if (sameBits(out[i], float(truth)))
      continue;
    bool isCutOff = truth < function.floor && out[i] >= 0 && out[i] <= function.floor;
    if ((out[i] == 0 && truth != 0 && std::fabs(truth) < function.flushedBelow) || isCutOff) {
      report.flushed++;
      continue;
    }
    double error = distance(out[i], truth);
    report.wrong += std::isinf(error);
    if (error > report.worst)
      report.worst = error, report.x = in.x[i], report.y = in.y[i], report.got = out[i];
  }
  for (int64_t i = 0; i + 3 <= std::min(count, scalars); i += 3) {
    float alone[3];
    call(entry, &in.x[i], &in.y[i], alone, 3);
    for (int64_t lane = 0; lane < 3; ++lane)
      report.unequal += !sameBits(alone[lane], out[i + lane]);
  }
  return report;
}

/// Both signs of all floats around `center`.
void around(Inputs &in, float center, int32_t radius) {
  for (int32_t step = -radius; step <= radius; ++step) {
    float x = fromBits(std::bit_cast<uint32_t>(center) + step);
    in.add(x);
    in.add(-x);
  }
}

Inputs specialPlaces() {
  Inputs in;
  for (int exponent = -149; exponent <= 127; ++exponent)
    around(in, std::ldexp(1.0f, exponent), exponent < -146 ? 0 : 40);
  for (float center :
       {0.34657359f, 0.70710678f, 1.41421356f, 0.625f,      87.0f,         87.336544f, 87.68f,
        88.0f,       88.3762626f, 88.722839f,  103.972077f, 126.0f,        127.0f,     149.0f,
        150.0f,      9.01f,       17.3287f,    3.92f,       3.4028234e38f, 398.0f,     469.0f})
    around(in, center, 400);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (float x : {0.0f, infinity, fromBits(0x7fc00000), fromBits(0x7fc00155), fromBits(0x7f800001)})
    in.add(x), in.add(-x);
  for (uint32_t bits = 1; bits < 200; ++bits)
    in.add(fromBits(bits)), in.add(-fromBits(bits));
  return in;
}

void specialPairs(Inputs &in) {
  std::vector<float> values;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (float x : {0.0f,
                  0x1p-149f,
                  0x1p-127f,
                  0x1p-126f,
                  1e-20f,
                  0.3f,
                  0.5f,
                  0.99999994f,
                  1.0f,
                  1.0000001f,
                  1.5f,
                  2.0f,
                  3.0f,
                  7.0f,
                  10.0f,
                  128.0f,
                  149.0f,
                  150.0f,
                  1e10f,
                  8388607.0f,
                  8388607.5f,
                  8388608.0f,
                  8388609.0f,
                  16777215.0f,
                  16777216.0f,
                  16777218.0f,
                  2147483648.0f,
                  3.4028234e38f,
                  infinity,
                  fromBits(0x7fc00000),
                  fromBits(0x7fc00155)})
    values.push_back(x), values.push_back(-x);
  for (float x : values)
    for (float y : values)
      in.add(x, y);
}

/// Bases of all sizes and bases near 1, exponents that lead to results of all sizes; negative
/// bases with whole exponents; any bits at all.
Inputs randomPairs(uint64_t seed, int64_t count) {
  Inputs in;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  while (int64_t(in.x.size()) < count) {
    uint64_t bits = random();
    float any = fromBits(uint32_t(bits)), x = std::fabs(any);
    if (bits >> 32 & 1)
      x = std::exp2(std::ldexp(2 * unit(random) - 1, int(unit(random) * 24) - 20));
    float y = (unit(random) * 290 - 155) / std::log2(double(x));
    in.add(x, y);
    in.add(-x, std::round(y));
    in.add(any, fromBits(uint32_t(random())));
  }
  return in;
}

/// Runs `makeInputs(part)` for all parts on all processors.
Report inParallel(const Function &function, Entry entry, uint64_t parts, int64_t scalars,
                  const std::function<Inputs(uint64_t)> &makeInputs) {
  Report total;
  std::mutex mutex;
  std::atomic<uint64_t> next = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(1u, std::thread::hardware_concurrency()); ++t)
    threads.emplace_back([&] {
      for (uint64_t part; (part = next++) < parts;) {
        Report report = check(function, entry, makeInputs(part), scalars);
        std::lock_guard lock(mutex);
        total.merge(report);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  return total;
}

Report sweep(const Function &function, Entry entry, uint64_t every) {
  constexpr uint64_t all = uint64_t(1) << 32;
  if (std::string(function.name) == "pow")
    return inParallel(function, entry, 1 + (all / every >> 16), 6000, [&](uint64_t part) {
      Inputs in = randomPairs(part, 1 << 16);
      if (part == 0)
        specialPairs(in);
      return in;
    });
  uint64_t perPart = every << 18;
  return inParallel(function, entry, 1 + (all + perPart - 1) / perPart, 3000, [&](uint64_t part) {
    Inputs in = part == 0 ? specialPlaces() : Inputs();
    if (part != 0)
      for (uint64_t bits = (part - 1) * perPart; bits < std::min(all, part * perPart);
           bits += every)
        in.add(fromBits(uint32_t(bits)));
    for (float &x : in.x)
      if (x > function.highest)
        x = -x;
    return in;
  });
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: MathSweep <module.so> <every> <function>=<bound in ulp> ..\n");
    return 1;
  }
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::fprintf(stderr, "MathSweep: error: %s\n", dlerror());
    return 1;
  }
  bool good = true;
  for (int i = 3; i < argc; ++i) {
    std::string argument = argv[i], name = argument.substr(0, argument.find('='));
    double bound = std::atof(argument.c_str() + std::min(argument.size(), name.size() + 1));
    auto function = std::find_if(std::begin(functions), std::end(functions),
                                 [&](const Function &f) { return f.name == name; });
    auto entry = reinterpret_cast<Entry>(dlsym(library, ("attune_call_math_" + name).c_str()));
    if (function == std::end(functions) || !entry) {
      std::fprintf(stderr, "MathSweep: error: no function `%s`\n", name.c_str());
      return 1;
    }
    Report r = sweep(*function, entry, std::strtoull(argv[2], nullptr, 10));
    bool ok = r.wrong == 0 && r.unequal == 0 && r.worst <= bound;
    good &= ok;
    std::printf(
        "%s: %s, %.3f ulp of %g at (%.9g, %.9g), which gives %.9g; %llu tried, %llu flushed, "
        "%llu special values wrong, %llu scalars unequal\n",
        ok ? "ok" : "FAILED", name.c_str(), r.worst, bound, r.x, r.y, r.got,
        (unsigned long long)r.tried, (unsigned long long)r.flushed, (unsigned long long)r.wrong,
        (unsigned long long)r.unequal);
    std::fflush(stdout);
  }
  return good ? 0 : 1;
}
