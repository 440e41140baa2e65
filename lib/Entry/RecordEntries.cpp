// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// attune-record-entries: what the entries look like, while types are still tensors.

#include "attune/Entry/Passes.h"
#include "attune/Entry/Signature.h"

namespace attune {
#define GEN_PASS_DEF_RECORDENTRIESPASS
#include "attune/Entry/Passes.h.inc"

namespace {
struct RecordEntries : impl::RecordEntriesPassBase<RecordEntries> {
  void runOnOperation() override {
    if (failed(recordEntries(getOperation())))
      signalPassFailure();
  }
};
} // namespace

} // namespace attune
