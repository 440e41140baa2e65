// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each elementwise op of `arith` and `math` does to one lane. Floats of every width are
// doubles, so extf and truncf change nothing; integers wrap at their width. Adding an op is one
// line of a table below.

#include "ScalarProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace attune::reference {

// Reads of registers.
static const Slot *operand(const Instruction &in, Slot *registers, unsigned number) {
  return registers + in.operands[number] * kLanes;
}
static Slot *result(const Instruction &in, Slot *registers) {
  return registers + in.result * kLanes;
}

/// The stored form of an integer of `width` bits.
static int64_t wrap(int64_t x, unsigned width) {
  if (width >= 64)
    return x;
  if (width == 1)
    return x & 1;
  return int64_t(uint64_t(x) << (64 - width)) >> (64 - width);
}
/// An i1 of 1 is -1 to signed ops.
static int64_t asSigned(int64_t x, unsigned width) { return width == 1 ? -x : x; }
static uint64_t asUnsigned(int64_t x, unsigned width) {
  return width >= 64 ? uint64_t(x) : uint64_t(x) & ((uint64_t(1) << width) - 1);
}

template <double (*Function)(double)>
static bool unary(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = Function(x[lane].f);
  return true;
}

template <double (*Function)(double, double)>
static bool binary(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = Function(x[lane].f, y[lane].f);
  return true;
}

template <bool (*Function)(double)>
static bool classify(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].i = Function(x[lane].f);
  return true;
}

template <int64_t (*Function)(int64_t, int64_t)>
static bool signedBinary(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].i =
        wrap(Function(asSigned(x[lane].i, in.width), asSigned(y[lane].i, in.width)), in.width);
  return true;
}

template <uint64_t (*Function)(uint64_t, uint64_t)>
static bool unsignedBinary(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].i =
        wrap(int64_t(Function(asUnsigned(x[lane].i, in.width), asUnsigned(y[lane].i, in.width))),
             in.width);
  return true;
}

static bool copy(const Instruction &in, Slot *registers, int64_t lanes) {
  std::copy_n(operand(in, registers, 0), lanes, result(in, registers));
  return true;
}

/// Integer conversions: the operand as a signed (or unsigned) number, cut to the result's width.
template <bool Signed>
static bool convertInteger(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].i = wrap(Signed ? asSigned(x[lane].i, in.operandWidth)
                              : int64_t(asUnsigned(x[lane].i, in.operandWidth)),
                       in.width);
  return true;
}

template <bool Signed>
static bool integerToFloat(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = Signed ? double(asSigned(x[lane].i, in.operandWidth))
                         : double(asUnsigned(x[lane].i, in.operandWidth));
  return true;
}

static bool floatToInteger(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    // Out of range is poison in the IR; any number will do.
    double value = x[lane].f;
    out[lane].i = std::fabs(value) < 0x1p63 ? wrap(int64_t(value), in.width) : 0;
  }
  return true;
}

static bool select(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *condition = operand(in, registers, 0);
  const Slot *yes = operand(in, registers, 1), *no = operand(in, registers, 2);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane] = condition[lane].i ? yes[lane] : no[lane];
  return true;
}

static bool fusedMultiplyAdd(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  const Slot *z = operand(in, registers, 2);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = std::fma(x[lane].f, y[lane].f, z[lane].f);
  return true;
}

static bool clamp(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *low = operand(in, registers, 1);
  const Slot *high = operand(in, registers, 2);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = std::fmin(std::fmax(x[lane].f, low[lane].f), high[lane].f);
  return true;
}

static bool powerOfInteger(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *exponent = operand(in, registers, 1);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].f = std::pow(x[lane].f, double(exponent[lane].i));
  return true;
}

static bool compareIntegers(const Instruction &in, Slot *registers, int64_t lanes) {
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  Slot *out = result(in, registers);
  for (int64_t lane = 0; lane < lanes; ++lane)
    out[lane].i =
        arith::applyCmpPredicate(arith::CmpIPredicate(in.immediate),
                                 APInt(in.operandWidth, asUnsigned(x[lane].i, in.operandWidth)),
                                 APInt(in.operandWidth, asUnsigned(y[lane].i, in.operandWidth)));
  return true;
}

static bool compareFloats(const Instruction &in, Slot *registers, int64_t lanes) {
  // Relations that a predicate accepts, in the order of arith::CmpFPredicate: 1 equal, 2 greater,
  // 4 less, 8 unordered.
  static constexpr unsigned relations[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 8, 15};
  static_assert(int(arith::CmpFPredicate::UEQ) == 8 && int(arith::CmpFPredicate::UNO) == 14);
  const Slot *x = operand(in, registers, 0), *y = operand(in, registers, 1);
  Slot *out = result(in, registers);
  unsigned accepted = relations[in.immediate];
  for (int64_t lane = 0; lane < lanes; ++lane) {
    double a = x[lane].f, b = y[lane].f;
    unsigned relation = a == b ? 1 : a > b ? 2 : a < b ? 4 : 8;
    out[lane].i = (accepted & relation) != 0;
  }
  return true;
}

// Functions of one lane.
static double add(double x, double y) { return x + y; }
static double subtract(double x, double y) { return x - y; }
static double multiply(double x, double y) { return x * y; }
static double divide(double x, double y) { return x / y; }
static double negate(double x) { return -x; }
static double reciprocalRoot(double x) { return 1 / std::sqrt(x); }
/// NaN wins (`maximumf`), against NaN loses (`maxnumf`, fmax).
static double maximum(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y
         : x == y                       ? (std::signbit(x) ? y : x)
                                        : std::fmax(x, y);
}
static double minimum(double x, double y) {
  return std::isnan(x) || std::isnan(y) ? x + y
         : x == y                       ? (std::signbit(x) ? x : y)
                                        : std::fmin(x, y);
}
static double roundEven(double x) {
  double floor = std::floor(x), rest = x - floor;
  if (rest != 0.5)
    return std::round(x);
  return std::fmod(floor, 2) == 0 ? floor : floor + 1;
}
static bool isFinite(double x) { return std::isfinite(x); }
static bool isInfinite(double x) { return std::isinf(x); }
static bool isNaN(double x) { return std::isnan(x); }

static uint64_t addU(uint64_t x, uint64_t y) { return x + y; }
static uint64_t subtractU(uint64_t x, uint64_t y) { return x - y; }
static uint64_t multiplyU(uint64_t x, uint64_t y) { return x * y; }
static uint64_t andU(uint64_t x, uint64_t y) { return x & y; }
static uint64_t orU(uint64_t x, uint64_t y) { return x | y; }
static uint64_t xorU(uint64_t x, uint64_t y) { return x ^ y; }
static uint64_t minimumU(uint64_t x, uint64_t y) { return std::min(x, y); }
static uint64_t maximumU(uint64_t x, uint64_t y) { return std::max(x, y); }
static uint64_t shiftLeft(uint64_t x, uint64_t y) { return y < 64 ? x << y : 0; }
static uint64_t shiftRightU(uint64_t x, uint64_t y) { return y < 64 ? x >> y : 0; }
static int64_t shiftRightS(int64_t x, int64_t y) { return x >> std::clamp<int64_t>(y, 0, 63); }
static int64_t minimumS(int64_t x, int64_t y) { return std::min(x, y); }
static int64_t maximumS(int64_t x, int64_t y) { return std::max(x, y); }
// Division by 0 is undefined in the IR, but a lane that is computed and then dropped must not trap.
static uint64_t divideU(uint64_t x, uint64_t y) { return y ? x / y : 0; }
static uint64_t remainderU(uint64_t x, uint64_t y) { return y ? x % y : 0; }
static uint64_t ceilDivideU(uint64_t x, uint64_t y) { return y ? x / y + (x % y != 0) : 0; }
static int64_t divideS(int64_t x, int64_t y) {
  return y == 0 ? 0 : y == -1 ? int64_t(0 - uint64_t(x)) : x / y;
}
static int64_t remainderS(int64_t x, int64_t y) { return y == 0 || y == -1 ? 0 : x % y; }
static int64_t floorDivideS(int64_t x, int64_t y) {
  return divideS(x, y) - (remainderS(x, y) != 0 && (x < 0) != (y < 0));
}
static int64_t ceilDivideS(int64_t x, int64_t y) {
  return divideS(x, y) + (remainderS(x, y) != 0 && (x < 0) == (y < 0));
}

static const llvm::StringMap<ScalarFunction> &functions() {
  static const llvm::StringMap<ScalarFunction> table = {
      {"arith.addf", binary<add>},
      {"arith.subf", binary<subtract>},
      {"arith.mulf", binary<multiply>},
      {"arith.divf", binary<divide>},
      {"arith.remf", binary<std::fmod>},
      {"arith.negf", unary<negate>},
      {"arith.maximumf", binary<maximum>},
      {"arith.minimumf", binary<minimum>},
      {"arith.maxnumf", binary<std::fmax>},
      {"arith.minnumf", binary<std::fmin>},
      {"arith.extf", copy},
      {"arith.truncf", copy},
      {"arith.select", select},
      {"arith.cmpf", compareFloats},
      {"arith.cmpi", compareIntegers},
      {"arith.addi", unsignedBinary<addU>},
      {"arith.subi", unsignedBinary<subtractU>},
      {"arith.muli", unsignedBinary<multiplyU>},
      {"arith.divsi", signedBinary<divideS>},
      {"arith.divui", unsignedBinary<divideU>},
      {"arith.remsi", signedBinary<remainderS>},
      {"arith.remui", unsignedBinary<remainderU>},
      {"arith.ceildivsi", signedBinary<ceilDivideS>},
      {"arith.ceildivui", unsignedBinary<ceilDivideU>},
      {"arith.floordivsi", signedBinary<floorDivideS>},
      {"arith.minsi", signedBinary<minimumS>},
      {"arith.maxsi", signedBinary<maximumS>},
      {"arith.minui", unsignedBinary<minimumU>},
      {"arith.maxui", unsignedBinary<maximumU>},
      {"arith.andi", unsignedBinary<andU>},
      {"arith.ori", unsignedBinary<orU>},
      {"arith.xori", unsignedBinary<xorU>},
      {"arith.shli", unsignedBinary<shiftLeft>},
      {"arith.shrui", unsignedBinary<shiftRightU>},
      {"arith.shrsi", signedBinary<shiftRightS>},
      {"arith.index_cast", convertInteger<true>},
      {"arith.index_castui", convertInteger<false>},
      {"arith.extsi", convertInteger<true>},
      {"arith.extui", convertInteger<false>},
      {"arith.trunci", convertInteger<false>},
      {"arith.sitofp", integerToFloat<true>},
      {"arith.uitofp", integerToFloat<false>},
      {"arith.fptosi", floatToInteger},
      {"arith.fptoui", floatToInteger},
      {"math.exp", unary<std::exp>},
      {"math.exp2", unary<std::exp2>},
      {"math.expm1", unary<std::expm1>},
      {"math.log", unary<std::log>},
      {"math.log2", unary<std::log2>},
      {"math.log10", unary<std::log10>},
      {"math.log1p", unary<std::log1p>},
      {"math.sqrt", unary<std::sqrt>},
      {"math.rsqrt", unary<reciprocalRoot>},
      {"math.cbrt", unary<std::cbrt>},
      {"math.sin", unary<std::sin>},
      {"math.cos", unary<std::cos>},
      {"math.tan", unary<std::tan>},
      {"math.atan", unary<std::atan>},
      {"math.sinh", unary<std::sinh>},
      {"math.cosh", unary<std::cosh>},
      {"math.tanh", unary<std::tanh>},
      {"math.erf", unary<std::erf>},
      {"math.erfc", unary<std::erfc>},
      {"math.absf", unary<std::fabs>},
      {"math.floor", unary<std::floor>},
      {"math.ceil", unary<std::ceil>},
      {"math.round", unary<std::round>},
      {"math.roundeven", unary<roundEven>},
      {"math.trunc", unary<std::trunc>},
      {"math.powf", binary<std::pow>},
      {"math.atan2", binary<std::atan2>},
      {"math.copysign", binary<std::copysign>},
      {"math.fpowi", powerOfInteger},
      {"math.fma", fusedMultiplyAdd},
      {"math.clampf", clamp},
      {"math.isfinite", classify<isFinite>},
      {"math.isinf", classify<isInfinite>},
      {"math.isnan", classify<isNaN>},
  };
  return table;
}

std::optional<Instruction> scalarInstruction(Operation *op) {
  Instruction instruction;
  instruction.function = functions().lookup(op->getName().getStringRef());
  if (!instruction.function)
    return std::nullopt;
  instruction.width = integerWidth(op->getResult(0).getType());
  instruction.operandWidth = integerWidth(op->getOperand(0).getType());
  if (arith::CmpFOp compare = dyn_cast<arith::CmpFOp>(op))
    instruction.immediate = int64_t(compare.getPredicate());
  if (arith::CmpIOp compare = dyn_cast<arith::CmpIOp>(op))
    instruction.immediate = int64_t(compare.getPredicate());
  return instruction;
}

void forEachScalarOp(llvm::function_ref<void(StringRef)> visit) {
  for (const auto &entry : functions())
    visit(entry.getKey());
}

} // namespace attune::reference
