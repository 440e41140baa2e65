// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attune/Sizes/Assumptions.h"

#include "llvm/ADT/StringSwitch.h"

using namespace attune;

double attune::assumedSize(llvm::StringRef symbol) {
  return llvm::StringSwitch<double>(symbol)
      .Cases({"E", "NNZ"}, 100000)
      .Cases({"G", "B", "H"}, 8)
      .Case("P", 1000000) // pairs inside graphs of 100 nodes
      .Default(10000);
}

double attune::assumedValue(const SizePoly &poly) { return poly.evaluate(assumedSize); }
