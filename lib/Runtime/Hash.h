// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FNV-1a with 128 bits (RFC 9923). It names cache entries and finds damaged ones: a changed byte
// always changes it. It does not withstand intent, which is why an entry is also compared byte by
// byte and must be a file of the user's own; a cryptographic hash would be slower and not safer.

#ifndef ATTUNE_LIB_RUNTIME_HASH_H
#define ATTUNE_LIB_RUNTIME_HASH_H

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::runtime {

struct Hash128 {
  uint64_t high = 0x6c62272e07bb0142, low = 0x62b821756295c58d;

  void add(std::string_view bytes) {
    using Wide = unsigned __int128;
    const Wide prime = (Wide(1) << 88) + 0x13b;
    Wide state = Wide(high) << 64 | low;
    for (unsigned char byte : bytes)
      state = (state ^ byte) * prime;
    high = uint64_t(state >> 64);
    low = uint64_t(state);
  }

  std::string text() const {
    std::string digits;
    for (uint64_t half : {high, low})
      for (int shift = 60; shift >= 0; shift -= 4)
        digits += "0123456789abcdef"[half >> shift & 15];
    return digits;
  }
};

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_HASH_H
