// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured remarks through MLIR's remark engine; attune-compile --explain prints them as
// sentences.
#include "Remarks.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace attune::rewrite {

static void addCost(remark::detail::InFlightRemark &remark, const CostChange &cost) {
  remark << remark::metric("cost_before", cost.before.str())
         << remark::metric("cost_after", cost.after.str());
  if (cost.otherAfter)
    remark << remark::metric("cost_other", cost.otherAfter->str());
}

void remarkPassed(Location loc, StringRef function, StringRef name, const std::string &message,
                  const CostChange &cost, const std::string &form) {
  remark::detail::InFlightRemark remark =
      remark::passed(loc, remark::RemarkOpts::name(name).category(kCategory).function(function));
  remark << StringRef(message);
  if (!form.empty())
    remark << remark::metric("form", form);
  addCost(remark, cost);
}

void remarkMissed(Location loc, StringRef function, StringRef name, const std::string &reason,
                  const CostChange &cost) {
  remark::detail::InFlightRemark remark =
      remark::missed(loc, remark::RemarkOpts::name(name).category(kCategory).function(function));
  remark << remark::reason("{0}", reason);
  addCost(remark, cost);
}

} // namespace attune::rewrite
