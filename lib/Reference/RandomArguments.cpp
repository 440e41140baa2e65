// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Made-up arguments for tests, from the attributes that describe an entry function: `attune.dims`
// (a sum of sizes for each dimension), `attune.below`, `attune.offsets_of` and `attune.pairs_of`.

#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Reference/Interpreter.h"
#include "attune/Sizes/EntryAttrs.h"

#include <cmath>
#include <random>

using namespace mlir;

namespace attune::reference {

namespace {
class Generator {
public:
  Generator(func::FuncOp func, const NamedSizes &given, uint64_t seed) : func(func), random(seed) {
    for (const auto &entry : given)
      sizes[entry.getKey()] = entry.getValue();
    unnamed = between(3, 9);
    for (const std::string &name : sizeNames(func))
      if (int64_t drawn = between(3, 9); !sizes.count(name))
        sizes[name] = drawn;
  }

  FailureOr<SmallVector<Tensor>> run(std::string &error);

private:
  int64_t between(int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  }
  double normal();
  FailureOr<Shape> shapeOf(unsigned argument, std::string &error);
  LogicalResult fill(unsigned argument, Tensor &tensor, std::string &error);
  LogicalResult fillOffsets(Tensor &tensor, int64_t total, std::string &error);
  int64_t pairsOf(StringRef name, ArrayRef<Tensor> arguments);
  LogicalResult undoubleEdges(MutableArrayRef<Tensor> arguments, std::string &error);

  func::FuncOp func;
  std::mt19937_64 random;
  NamedSizes sizes;
  int64_t unnamed;
};
} // namespace

/// What `attune.dims` says of a dimension; nothing where it does not name it.
static runtime::ParsedSize dimOf(func::FuncOp func, unsigned argument, size_t d) {
  ArrayAttr dims = func.getArgAttrOfType<ArrayAttr>(argument, kDimsAttr);
  StringAttr text = dims && d < dims.size() ? dyn_cast<StringAttr>(dims[d]) : StringAttr();
  return text ? runtime::SizeSum::parse(text.getValue()) : runtime::ParsedSize();
}

static StringRef stringAttr(func::FuncOp func, unsigned argument, StringRef name) {
  StringAttr attribute = func.getArgAttrOfType<StringAttr>(argument, name);
  return attribute ? attribute.getValue() : StringRef();
}

SmallVector<std::string> sizeNames(func::FuncOp func) {
  SmallVector<std::string> names;
  auto note = [&](StringRef name) {
    int64_t number;
    if (!name.empty() && name.getAsInteger(10, number) && !llvm::is_contained(names, name.str()))
      names.push_back(name.str());
  };
  for (unsigned argument = 0; argument < func.getNumArguments(); ++argument) {
    ArrayAttr dims = func.getArgAttrOfType<ArrayAttr>(argument, kDimsAttr);
    for (size_t d = 0; dims && d < dims.size(); ++d)
      if (runtime::ParsedSize dim = dimOf(func, argument, d); dim.size)
        for (const std::string &name : dim.size->names())
          note(name);
    note(stringAttr(func, argument, kBelowAttr));
    note(stringAttr(func, argument, kOffsetsOfAttr));
  }
  return names;
}

/// Box-Muller.
double Generator::normal() {
  constexpr double twoPi = 6.283185307179586;
  double u = double((random() >> 11) + 1) * 0x1p-53, v = double(random() >> 11) * 0x1p-53;
  return std::sqrt(-2 * std::log(u)) * std::cos(twoPi * v);
}

FailureOr<Shape> Generator::shapeOf(unsigned argument, std::string &error) {
  ShapedType type = dyn_cast<ShapedType>(func.getArgumentTypes()[argument]);
  Shape shape;
  for (int64_t d = 0; type && d < type.getRank(); ++d) {
    runtime::ParsedSize dim = dimOf(func, argument, d);
    std::string where = "argument " + std::to_string(argument) + " of `" + func.getName().str() +
                        "` has no valid size for dimension " + std::to_string(d) + ": ";
    if (!dim.error.empty()) {
      error = where + dim.error;
      return failure();
    }
    if (!type.isDynamicDim(d) || !dim.size) {
      shape.push_back(type.isDynamicDim(d) ? unnamed : type.getDimSize(d));
      continue;
    }
    std::optional<int64_t> size =
        dim.size->evaluate([&](const std::string &name) { return sizes.lookup(name); });
    if (!size || *size < 0) {
      error = where + "`" + dim.size->text() + "` is " +
              (size ? std::to_string(*size) + ", expected at least 0" : "too large for 64 bits");
      return failure();
    }
    shape.push_back(*size);
  }
  return shape;
}

LogicalResult Generator::fillOffsets(Tensor &tensor, int64_t total, std::string &error) {
  int64_t parts = tensor.elements() - 1;
  if (parts < 0 || (parts == 0 && total > 0)) {
    error =
        "cannot split " + std::to_string(total) + " with " + std::to_string(parts + 1) + " offsets";
    return failure();
  }
  for (int64_t i = 1; i < parts; ++i)
    tensor.i[i] = between(0, total);
  if (parts > 0)
    tensor.i[parts] = total;
  tensor.i[0] = 0;
  std::sort(tensor.i.begin(), tensor.i.end());
  if (parts >= 3)
    tensor.i[2] = tensor.i[1];
  return success();
}

LogicalResult Generator::fill(unsigned argument, Tensor &tensor, std::string &error) {
  Type type = func.getArgumentTypes()[argument], element = getElementTypeOrSelf(type);
  if (tensor.isFloat) {
    for (double &value : tensor.f)
      value = 0.5 * normal();
    return success();
  }
  StringRef below = stringAttr(func, argument, kBelowAttr);
  StringRef offsetsOf = stringAttr(func, argument, kOffsetsOfAttr);
  if (!offsetsOf.empty())
    return fillOffsets(tensor, sizes[offsetsOf], error);
  int64_t limit = 2;
  if (!below.empty() && below.getAsInteger(10, limit))
    limit = sizes[below];
  if (limit == 0 && tensor.elements() > 0) {
    error = "no index is below " + below.str() + " = 0";
    return failure();
  }
  for (int64_t &value : tensor.i)
    value = element.isIndex() && below.empty() ? unnamed : between(0, limit - 1);
  return success();
}

/// Argument number of a block argument of the function, -1 for other values.
static int64_t argumentOf(func::FuncOp func, Value value) {
  while (tensor::CastOp cast = value.getDefiningOp<tensor::CastOp>())
    value = cast.getSource();
  BlockArgument argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == &func.getBody().front() ? argument.getArgNumber() : -1;
}

/// Draws the edges of `unique` adjacencies again, all different.
LogicalResult Generator::undoubleEdges(MutableArrayRef<Tensor> arguments, std::string &error) {
  auto draw = [&](int64_t count, int64_t pairs, std::vector<int64_t> &drawn) {
    std::vector<int64_t> all(pairs);
    for (int64_t pair = 0; pair < pairs; ++pair)
      all[pair] = pair;
    std::shuffle(all.begin(), all.end(), random);
    drawn.assign(all.begin(), all.begin() + std::min(count, pairs));
    if (count > pairs)
      error = std::to_string(count) + " different edges among " + std::to_string(pairs) + " pairs";
    return success(count <= pairs);
  };
  auto columnsBelow = [&](int64_t argument) {
    StringRef below = stringAttr(func, argument, kBelowAttr);
    return below.empty() ? 2 : sizes[below];
  };
  WalkResult result = func.walk([&](attn::AdjacencyOp adjacency) {
    if (!adjacency.getUnique())
      return WalkResult::advance();
    std::vector<int64_t> drawn;
    if (nn::CsrOp csr = adjacency.getColumns().getDefiningOp<nn::CsrOp>()) {
      int64_t argument = argumentOf(func, csr.getEdgeIndex());
      if (argument < 0)
        return WalkResult::advance();
      Tensor &edges = arguments[argument];
      int64_t count = edges.shape[1], nodes = columnsBelow(argument);
      if (failed(draw(count, nodes * nodes, drawn)))
        return WalkResult::interrupt();
      for (int64_t e = 0; e < count; ++e) {
        edges.i[e] = drawn[e] / nodes;
        edges.i[count + e] = drawn[e] % nodes;
      }
      return WalkResult::advance();
    }
    int64_t offsetsArgument = argumentOf(func, adjacency.getOffsets());
    int64_t columnsArgument = argumentOf(func, adjacency.getColumns());
    if (offsetsArgument < 0 || columnsArgument < 0)
      return WalkResult::advance();
    Tensor &offsets = arguments[offsetsArgument], &columns = arguments[columnsArgument];
    int64_t rows = offsets.elements() - 1, width = columnsBelow(columnsArgument);
    if (failed(draw(columns.elements(), std::max<int64_t>(rows, 0) * width, drawn)))
      return WalkResult::interrupt();
    std::sort(drawn.begin(), drawn.end());
    for (int64_t row = 0; row <= rows; ++row)
      offsets.i[row] = std::lower_bound(drawn.begin(), drawn.end(), row * width) - drawn.begin();
    for (auto [column, pair] : llvm::zip_equal(columns.i, drawn))
      column = pair % width;
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Pairs inside the segments of the offsets argument of this name.
int64_t Generator::pairsOf(StringRef name, ArrayRef<Tensor> arguments) {
  int64_t pairs = 0;
  for (unsigned argument = 0; argument < func.getNumArguments(); ++argument) {
    if (stringAttr(func, argument, kNameAttr) != name)
      continue;
    const std::vector<int64_t> &offsets = arguments[argument].i;
    for (size_t g = 1; g < offsets.size(); ++g)
      pairs += (offsets[g] - offsets[g - 1]) * (offsets[g] - offsets[g - 1]);
  }
  return pairs;
}

FailureOr<SmallVector<Tensor>> Generator::run(std::string &error) {
  SmallVector<Tensor> arguments(func.getNumArguments());
  // Those that have one element for each pair inside segments follow from the segments.
  SmallVector<unsigned> order, ofPairs;
  for (unsigned argument = 0; argument < func.getNumArguments(); ++argument)
    (stringAttr(func, argument, kPairsOfAttr).empty() ? order : ofPairs).push_back(argument);
  order.append(ofPairs);
  for (unsigned argument : order) {
    Type element = getElementTypeOrSelf(func.getArgumentTypes()[argument]);
    if (!element.isIntOrIndexOrFloat()) {
      error = "argument " + std::to_string(argument) + " is neither a tensor nor a number";
      return failure();
    }
    FailureOr<Shape> shape = shapeOf(argument, error);
    if (failed(shape))
      return failure();
    if (StringRef offsets = stringAttr(func, argument, kPairsOfAttr); !offsets.empty())
      *shape = {pairsOf(offsets, arguments)};
    arguments[argument] =
        isa<FloatType>(element) ? Tensor::floats(*shape) : Tensor::integers(*shape);
    if (failed(fill(argument, arguments[argument], error)))
      return failure();
  }
  if (failed(undoubleEdges(arguments, error)))
    return failure();
  return arguments;
}

FailureOr<SmallVector<Tensor>> randomArguments(func::FuncOp func, const NamedSizes &sizes,
                                               uint64_t seed, std::string *error) {
  std::string ignored;
  return Generator(func, sizes, seed).run(error ? *error : ignored);
}

} // namespace attune::reference
