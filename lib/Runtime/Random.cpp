// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Made-up arguments for measurements without files. The stream of an argument depends on the seed
// and on its name only: splitmix64, state = seed ^ FNV-1a(name); normals by Box-Muller,
// sqrt(-2 ln u) (cos, sin)(2 pi v).

#include "Failure.h"
#include "Shapes.h"
#include "attune/Runtime/Bind.h"

#include <cmath>

namespace attune::runtime {

namespace {
class Stream {
public:
  Stream(const std::string &name, uint64_t seed) {
    state = 0xcbf29ce484222325;
    for (unsigned char c : name)
      state = (state ^ c) * 0x100000001b3;
    state ^= seed * 0x9e3779b97f4a7c15;
  }

  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// In (0, 1].
  double unit() { return double((next() >> 11) + 1) * 0x1p-53; }

  /// In [0, limit); the bias of at most limit / 2^64 does not matter here.
  int64_t below(int64_t limit) { return int64_t((__uint128_t(next()) * uint64_t(limit)) >> 64); }

private:
  uint64_t state;
};
} // namespace

static void fillNormal(const Tensor &tensor, Stream &stream) {
  constexpr double scale = 0.35, twoPi = 6.283185307179586;
  for (int64_t i = 0; i < tensor.elements(); i += 2) {
    double radius = scale * std::sqrt(-2 * std::log(stream.unit())), angle = twoPi * stream.unit();
    tensor.set(i, radius * std::cos(angle));
    if (i + 1 < tensor.elements())
      tensor.set(i + 1, radius * std::sin(angle));
  }
}

static void fillOffsets(const TensorSpec &value, const Tensor &tensor, int64_t size) {
  int64_t parts = tensor.elements() - 1;
  if (parts < 0 || (parts == 0 && size > 0))
    fail("cannot split {} = {} with the {} offsets of `{}`", value.offsetsOf, size, parts + 1,
         value.name);
  for (int64_t i = 0; i <= parts; ++i)
    tensor.set(i, parts == 0 ? 0 : double(int64_t(__int128_t(size) * i / parts)));
}

Tensor fillRandom(const Entry &entry, const TensorSpec &value, const std::vector<int64_t> &sizes,
                  uint64_t seed) {
  Tensor tensor = Tensor::allocate(value.dtype, resolveShape(entry, value, sizes));
  Stream stream(value.name, seed);
  if (isFloat(value.dtype)) {
    fillNormal(tensor, stream);
    return tensor;
  }
  if (!value.offsetsOf.empty()) {
    fillOffsets(value, tensor, sizes[entry.sizeIndex(value.offsetsOf)]);
    return tensor;
  }
  int64_t limit = 1;
  if (!value.below.empty())
    limit = entry.limitOf(value, sizes);
  else if (!isIndex(value.dtype))
    limit = value.dtype == DType::BOOL ? 2 : 256;
  if (limit == 0 && tensor.elements() > 0)
    fail("cannot make up `{}` {}: no value is below {} = 0", value.name, shapeText(tensor.shape()),
         value.below);
  for (int64_t i = 0; i < tensor.elements(); ++i)
    tensor.set(i, double(stream.below(limit)));
  return tensor;
}

} // namespace attune::runtime
