// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of a warp: 32 threads with consecutive numbers, fewer in the last warp of a block. The
// lanes leave their operands and wait; the scheduler calls in when all of them have come.
//
// Fragments, with g = lane / 4 and t = lane % 4 (PTX ISA, "Matrix fragments"):
//   m16n8k16, bf16, two to a word: a0 (g, 2t) a1 (g + 8, 2t) a2 (g, 2t + 8) a3 (g + 8, 2t + 8),
//     b0 (2t, g) b1 (2t + 8, g); the second number of a word is one column (a) or row (b) on
//   m16n8k8, tf32: a0 (g, t) a1 (g + 8, t) a2 (g, t + 4) a3 (g + 8, t + 4), b0 (t, g) b1 (t + 4, g)
//   c and d of both: (g, 2t) (g, 2t + 1) (g + 8, 2t) (g + 8, 2t + 1)
// Products are summed in f32 in the order of k, which hardware does not promise.

#include "Emulator.h"

#include <string.h>

namespace attune::emulator {

// ---- Shuffles -------------------------------------------------------------------------------

/// The lane to read from; the lane's own number where that lies outside of its group.
static int shuffleSource(const Fiber &fiber, int lane) {
  int64_t width = fiber.width, offset = fiber.argument;
  int64_t group = lane / width * width, source = lane;
  switch (fiber.kind) {
  case attune_shuffle_xor:
    source = lane ^ offset;
    break;
  case attune_shuffle_up:
    source = lane - offset;
    break;
  case attune_shuffle_down:
    source = lane + offset;
    break;
  default:
    source = group + offset;
  }
  return source < group || source >= group + width ? lane : int(source);
}

void runShuffle(Worker &worker, Fiber *lanes, int count) {
  int32_t results[warpSize];
  for (int lane = 0; lane < count; ++lane) {
    int source = shuffleSource(lanes[lane], lane);
    if (source >= count) {
      select(worker, lanes[lane]);
      report(worker, Fault::MissingLane, lanes[lane].site);
      source = lane;
    }
    results[lane] = lanes[source].bits;
  }
  for (int lane = 0; lane < count; ++lane)
    lanes[lane].bits = results[lane];
}

// ---- Matrices -------------------------------------------------------------------------------

static float toFloat(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float wordOf(const Fiber &lane, int word) { return toFloat(uint32_t(lane.words[word])); }

static float bfloatOf(const Fiber &lane, int word, int half) {
  auto bits = uint32_t(lane.words[word]);
  return toFloat(half ? bits & 0xffff0000 : bits << 16);
}

/// Hardware does not look at the low 13 bits.
static float tfloatOf(const Fiber &lane, int word) {
  return toFloat(uint32_t(lane.words[word]) & 0xffffe000);
}

namespace {
struct Product {
  float a[16][16], b[16][8], c[16][8];
};
} // namespace

static void loadBfloats(Product &product, const Fiber *lanes) {
  for (int lane = 0; lane < warpSize; ++lane)
    for (int half = 0; half < 2; ++half) {
      int g = lane / 4, k = lane % 4 * 2 + half;
      for (int word = 0; word < 4; ++word)
        product.a[g + word % 2 * 8][k + word / 2 * 8] = bfloatOf(lanes[lane], word, half);
      for (int word = 0; word < 2; ++word)
        product.b[k + word * 8][g] = bfloatOf(lanes[lane], 4 + word, half);
    }
}

static void loadTfloats(Product &product, const Fiber *lanes) {
  for (int lane = 0; lane < warpSize; ++lane) {
    int g = lane / 4, k = lane % 4;
    for (int word = 0; word < 4; ++word)
      product.a[g + word % 2 * 8][k + word / 2 * 4] = tfloatOf(lanes[lane], word);
    for (int word = 0; word < 2; ++word)
      product.b[k + word * 4][g] = tfloatOf(lanes[lane], 4 + word);
  }
}

static void multiply(Product &product, const Fiber *lanes, int depth) {
  for (int lane = 0; lane < warpSize; ++lane)
    for (int word = 0; word < 4; ++word)
      product.c[lane / 4 + word / 2 * 8][lane % 4 * 2 + word % 2] = wordOf(lanes[lane], 6 + word);
  for (int i = 0; i < 16; ++i) {
    float sums[8];
    memcpy(sums, product.c[i], sizeof sums);
    for (int k = 0; k < depth; ++k)
      for (int j = 0; j < 8; ++j)
        sums[j] += product.a[i][k] * product.b[k][j];
    memcpy(product.c[i], sums, sizeof sums);
  }
  for (int lane = 0; lane < warpSize; ++lane)
    for (int word = 0; word < 4; ++word)
      memcpy(&lanes[lane].words[word], &product.c[lane / 4 + word / 2 * 8][lane % 4 * 2 + word % 2],
             sizeof(float));
}

/// Eight lanes give the rows of a matrix. Lane l gets elements 2t and 2t + 1 of row g or,
/// transposed, of column g.
static void loadMatrices(Worker &worker, Fiber *lanes) {
  int rows = lanes[0].argument * 8;
  for (int lane = 0; lane < rows; ++lane) {
    select(worker, lanes[lane]);
    if (!checkRow(worker, lanes[lane])) {
      worker.isAbandoned = true;
      return;
    }
  }
  for (int lane = 0; lane < warpSize; ++lane)
    for (int matrix = 0; matrix < rows / 8; ++matrix) {
      const Fiber *first = lanes + matrix * 8;
      char word[4];
      int g = lane / 4, t = lane % 4;
      if (lanes[lane].kind == attune_collective_ldmatrix) {
        memcpy(word, first[g].row + t * 4, 4);
      } else {
        memcpy(word, first[2 * t].row + g * 2, 2);
        memcpy(word + 2, first[2 * t + 1].row + g * 2, 2);
      }
      memcpy(&lanes[lane].words[matrix], word, 4);
    }
}

void runCollective(Worker &worker, Fiber *lanes, int count) {
  if (count < warpSize) {
    select(worker, lanes[0]);
    report(worker, Fault::PartialWarp, lanes[0].site);
    worker.isAbandoned = true;
    return;
  }
  Product product;
  switch (lanes[0].kind) {
  case attune_collective_mma_bf16:
    loadBfloats(product, lanes);
    multiply(product, lanes, 16);
    break;
  case attune_collective_mma_tf32:
    loadTfloats(product, lanes);
    multiply(product, lanes, 8);
    break;
  default:
    loadMatrices(worker, lanes);
  }
}

} // namespace attune::emulator

using namespace attune::emulator;

int32_t attune_emulator_shuffle(int32_t mode, int32_t bits, int32_t offset, int32_t width,
                                int32_t site) {
  Worker &worker = currentWorker();
  Fiber &fiber = *worker.fiber;
  fiber.kind = mode;
  fiber.bits = bits;
  fiber.argument = offset;
  fiber.width = width < 1 || width > warpSize ? warpSize : width;
  waitForOthers(worker, Wait::Shuffle, site);
  return fiber.bits;
}

void attune_emulator_collective(int32_t kind, int32_t matrices, const void *row, int32_t in_bounds,
                                int32_t *words, int32_t site) {
  Worker &worker = currentWorker();
  Fiber &fiber = *worker.fiber;
  fiber.kind = kind;
  fiber.argument = matrices;
  fiber.row = static_cast<const char *>(row);
  fiber.inBounds = in_bounds;
  fiber.words = words;
  waitForOthers(worker, Wait::Collective, site);
}
