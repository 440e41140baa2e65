// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine's peak of fused multiply-adds and its reading speed, from two loops that do nothing
// else. CMake compiles this file with optimisation and contraction whatever the build type: a
// multiplication and an addition below have to become one instruction where the machine has it.

#include "MachineSpeed.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace attune::runtime {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A place that the compiler must write, so that the loops are not dropped.
static volatile float floatSink;
static volatile uint64_t wordSink;

/// `rounds` times one step x = x * factor + addend in each of `chains` independent vectors: more of
/// them than an FMA takes cycles times FMAs a cycle, and few enough to stay in registers. All
/// converge to 1: no entry overflows or becomes denormal.
template <typename Vector, int chains>
__attribute__((always_inline)) static inline void multiplyAdd(int64_t rounds) {
  volatile float half = 0.5f; // unknown to the compiler
  Vector factor = Vector{} + half, addend = Vector{} + half, x[chains];
  for (int i = 0; i < chains; ++i)
    x[i] = Vector{} + float(i);
  for (int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < chains; ++i)
      x[i] = x[i] * factor + addend;
  Vector sum = x[0];
  for (int i = 1; i < chains; ++i)
    sum += x[i];
  float total = 0;
  for (size_t i = 0; i < sizeof(Vector) / sizeof(float); ++i)
    total += sum[i];
  floatSink = total;
}

namespace {
typedef float Float4 __attribute__((vector_size(16)));
typedef float Float8 __attribute__((vector_size(32)));
typedef float Float16 __attribute__((vector_size(64)));

struct FmaLoop {
  void (*run)(int64_t rounds);
  double flopsPerRound;
};
} // namespace

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void multiplyAdd512(int64_t rounds) {
  multiplyAdd<Float16, 24>(rounds);
}
__attribute__((target("avx2,fma"))) static void multiplyAdd256(int64_t rounds) {
  multiplyAdd<Float8, 12>(rounds);
}
constexpr int portableChains = 12; // of 16 registers
#else
constexpr int portableChains = 24; // of 32 registers
#endif

static void multiplyAdd128(int64_t rounds) { multiplyAdd<Float4, portableChains>(rounds); }

static FmaLoop fmaLoop() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return {multiplyAdd512, 2 * 16 * 24};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {multiplyAdd256, 2 * 8 * 12};
#endif
  return {multiplyAdd128, 2 * 4 * portableChains};
}

/// Seconds until `work(thread)` has ended on every thread.
static double timeOnThreads(int64_t threads, const std::function<void(int64_t)> &work) {
  Clock::time_point start = Clock::now();
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; ++i)
    others.emplace_back(work, i);
  work(0);
  for (std::thread &other : others)
    other.join();
  return secondsSince(start);
}

constexpr int tries = 9;

static double measureFma(int64_t threads) {
  FmaLoop loop = fmaLoop();
  int64_t rounds = 1 << 16; // grows until one thread is busy for 50 ms
  for (;; rounds *= 2) {
    Clock::time_point start = Clock::now();
    loop.run(rounds);
    if (secondsSince(start) >= 0.05)
      break;
  }
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    double seconds = timeOnThreads(threads, [&](int64_t) { loop.run(rounds); });
    best = std::max(best, double(threads) * double(rounds) * loop.flopsPerRound / seconds);
  }
  return best / 1e9;
}

static uint64_t sum(const uint64_t *words, int64_t count) {
  uint64_t total = 0;
  for (int64_t i = 0; i < count; ++i)
    total += words[i];
  return total;
}

static double measureRead(int64_t threads) {
  constexpr int64_t mebiwords = (int64_t(1) << 20) / sizeof(uint64_t);
  int64_t words = std::max<int64_t>(32, 256 / threads) * mebiwords; // of each thread
  std::vector<std::unique_ptr<uint64_t[]>> parts(threads);
  for (auto &part : parts)
    part.reset(new uint64_t[words]);
  // Each thread's first touch puts its part where it runs.
  timeOnThreads(threads, [&](int64_t i) { std::fill_n(parts[i].get(), words, uint64_t(i)); });
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    double seconds =
        timeOnThreads(threads, [&](int64_t i) { wordSink = sum(parts[i].get(), words); });
    best = std::max(best, double(threads) * double(words) * sizeof(uint64_t) / seconds);
  }
  return best / 1e9;
}

MachineSpeed measureMachine(int64_t threads) { return {measureFma(threads), measureRead(threads)}; }

} // namespace attune::runtime
