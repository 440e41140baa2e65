// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops that check index data, as functions of the compiled program:
//   find_outside(data, count, limit): the first position with data < 0 or data >= limit, or -1
//   find_decrease(data, count): the first position with data[i] < data[i - 1], or -1
//   sum_pairs(data, count): the sum of (data[i] - data[i - 1])^2
// The first counts in a loop without exit, which LLVM vectorises, and searches only on failure.

#include "IndexChecks.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace attune {

/// $T is the element type, $WIDEN brings it to i64.
static const char findOutside[] = R"(
llvm.func internal @$NAME(%data: !llvm.ptr, %count: i64, %limit: i64) -> i64 {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %none = llvm.mlir.constant(-1 : i64) : i64
  llvm.br ^head(%zero, %zero : i64, i64)
^head(%i: i64, %wrong: i64):
  %more = llvm.icmp "slt" %i, %count : i64
  llvm.cond_br %more, ^body, ^judge
^body:
  %place = llvm.getelementptr %data[%i] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %value = llvm.load %place : !llvm.ptr -> $T
  %wide = $WIDEN %value : $TYPES
  %outside = llvm.icmp "uge" %wide, %limit : i64
  %bit = llvm.zext %outside : i1 to i64
  %sum = llvm.or %wrong, %bit : i64
  %next = llvm.add %i, %one : i64
  llvm.br ^head(%next, %sum : i64, i64) {loop_annotation = #llvm.loop_annotation<vectorize = <disable = false>>}
^judge:
  %good = llvm.icmp "eq" %wrong, %zero : i64
  llvm.cond_br %good, ^end(%none : i64), ^search(%zero : i64)
^search(%j: i64):
  %placeJ = llvm.getelementptr %data[%j] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %valueJ = llvm.load %placeJ : !llvm.ptr -> $T
  %wideJ = $WIDEN %valueJ : $TYPES
  %found = llvm.icmp "uge" %wideJ, %limit : i64
  %nextJ = llvm.add %j, %one : i64
  llvm.cond_br %found, ^end(%j : i64), ^search(%nextJ : i64)
^end(%result: i64):
  llvm.return %result : i64
}
)";

static const char findDecrease[] = R"(
llvm.func internal @$NAME(%data: !llvm.ptr, %count: i64) -> i64 {
  %one = llvm.mlir.constant(1 : i64) : i64
  %none = llvm.mlir.constant(-1 : i64) : i64
  llvm.br ^head(%one : i64)
^head(%i: i64):
  %more = llvm.icmp "slt" %i, %count : i64
  llvm.cond_br %more, ^body, ^end(%none : i64)
^body:
  %before = llvm.sub %i, %one : i64
  %place = llvm.getelementptr %data[%i] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %value = llvm.load %place : !llvm.ptr -> $T
  %placeBefore = llvm.getelementptr %data[%before] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %valueBefore = llvm.load %placeBefore : !llvm.ptr -> $T
  %decreases = llvm.icmp "slt" %value, %valueBefore : $T
  %next = llvm.add %i, %one : i64
  llvm.cond_br %decreases, ^end(%i : i64), ^head(%next : i64)
^end(%result: i64):
  llvm.return %result : i64
}
)";

static const char sumPairs[] = R"(
llvm.func internal @$NAME(%data: !llvm.ptr, %count: i64) -> i64 {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  llvm.br ^head(%one, %zero : i64, i64)
^head(%i: i64, %sum: i64):
  %more = llvm.icmp "slt" %i, %count : i64
  llvm.cond_br %more, ^body, ^end
^body:
  %before = llvm.sub %i, %one : i64
  %place = llvm.getelementptr %data[%i] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %value = llvm.load %place : !llvm.ptr -> $T
  %placeBefore = llvm.getelementptr %data[%before] : (!llvm.ptr, i64) -> !llvm.ptr, $T
  %valueBefore = llvm.load %placeBefore : !llvm.ptr -> $T
  %difference = llvm.sub %value, %valueBefore : $T
  %length = $WIDEN %difference : $TYPES
  %pairs = llvm.mul %length, %length : i64
  %nextSum = llvm.add %sum, %pairs : i64
  %next = llvm.add %i, %one : i64
  llvm.br ^head(%next, %nextSum : i64, i64)
^end:
  llvm.return %sum : i64
}
)";

static void replaceAll(std::string &text, StringRef from, StringRef to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

LLVM::LLVMFuncOp getIndexCheck(ModuleOp module, IndexCheck check, unsigned bits) {
  struct {
    const char *name, *text;
  } functions[] = {{"attune.find_outside_i", findOutside},
                   {"attune.find_decrease_i", findDecrease},
                   {"attune.sum_pairs_i", sumPairs}};
  const auto &found = functions[static_cast<unsigned>(check)];
  std::string name = found.name + llvm::utostr(bits);
  if (LLVM::LLVMFuncOp function = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return function;
  std::string text = found.text;
  replaceAll(text, "$NAME", name);
  replaceAll(text, "$TYPES", bits == 64 ? "i64 to i64" : "i32 to i64");
  replaceAll(text, "$WIDEN", bits == 64 ? "llvm.bitcast" : "llvm.sext");
  replaceAll(text, "$T", bits == 64 ? "i64" : "i32");
  OwningOpRef<ModuleOp> parsed = parseSourceString<ModuleOp>(text, module.getContext());
  assert(parsed && "the text above is correct");
  LLVM::LLVMFuncOp function = *parsed->getOps<LLVM::LLVMFuncOp>().begin();
  function->remove();
  module.push_back(function);
  return function;
}

} // namespace attune
