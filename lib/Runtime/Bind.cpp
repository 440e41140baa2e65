// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Binding by name. Sizes are unknowns of the argument shapes: a dimension d that is written as a
// sum k S + r, where S alone is unknown so far, gives S = (d - r) / k. What one dimension leaves
// open another may give, whatever their order. When nothing more follows, all dimensions must
// agree.

#include "attune/Runtime/Bind.h"

#include "Failure.h"
#include "Shapes.h"

#include <cmath>
#include <cstring>
#include <set>

namespace attune::runtime {

namespace {
/// Where a size got its value, for the message when another use disagrees.
struct SizeFact {
  int64_t value = -1;
  std::string source;
};

class Binder {
public:
  Binder(const Entry &entry, const std::vector<SafetensorsFile> &files, const BindOptions &options)
      : entry(entry), files(files), options(options), facts(entry.sizes.size()) {}

  BoundCall bind();

private:
  void takeRandomSizes();
  void findArguments();
  void rejectExtraNames() const;
  void matchType(const TensorSpec &value, const Tensor &tensor, const std::string &where) const;
  /// The names of a sum that have no value yet.
  std::vector<std::string> openNames(const SizeSum &dim) const;
  /// "as .. and ..", where the values of a sum's names come from; the name `except` has none.
  std::string sources(const SizeSum &dim, const std::string &except) const;
  SizeFact solve(size_t argument, size_t d, const std::string &name) const;
  void solveSizes();
  void checkDimension(size_t argument, size_t d) const;
  std::string whereOf(size_t argument) const {
    return fmt::format("`{}`: `{}`", found[argument].second, entry.args[argument].name);
  }
  Tensor makeArgument(const TensorSpec &value, const Tensor *found, const std::string &file,
                      const std::vector<int64_t> &sizes) const;

  const Entry &entry;
  const std::vector<SafetensorsFile> &files;
  const BindOptions &options;
  std::vector<SizeFact> facts;
  SizeSum::Values known = [this](const std::string &name) {
    int64_t value = facts[entry.sizeIndex(name)].value;
    return value < 0 ? std::nullopt : std::optional<int64_t>(value);
  };
  std::vector<std::pair<const Tensor *, std::string>> found; // by argument; tensor and its file
};
} // namespace

void Binder::takeRandomSizes() {
  for (const auto &[symbol, value] : options.random) {
    int64_t index = entry.sizeIndex(symbol);
    if (index < 0)
      fail("--random {}={}: `{}` has no size `{}`, expected one of: {}", symbol, value, entry.name,
           symbol, fmt::join(entry.sizes, ", "));
    facts[index] = {value, fmt::format("--random gives {} = {}", symbol, value)};
  }
}

void Binder::findArguments() {
  std::vector<std::string> paths;
  for (const SafetensorsFile &file : files)
    paths.push_back(fmt::format("`{}`", file.path()));
  for (const TensorSpec &value : entry.args) {
    const Tensor *tensor = nullptr;
    std::string path;
    for (const SafetensorsFile &file : files) {
      const Tensor *candidate = file.find(value.name);
      if (candidate && tensor)
        fail("argument `{}` is in two files, `{}` and `{}`", value.name, path, file.path());
      if (candidate) {
        tensor = candidate;
        path = file.path();
      }
    }
    if (!tensor && options.random.empty())
      fail("argument `{}` ({} {}) is in no bound file{}{}", value.name, dtypeName(value.dtype),
           value.shapeText(), paths.empty() ? "" : ": ", fmt::join(paths, ", "));
    found.emplace_back(tensor, path);
  }
}

void Binder::rejectExtraNames() const {
  std::set<std::string> names;
  for (const TensorSpec &value : entry.args)
    names.insert(value.name);
  for (const SafetensorsFile &file : files)
    for (const NamedTensor &tensor : file.tensors())
      if (!names.count(tensor.name))
        fail("`{}`: tensor `{}` is no argument of `{}`", file.path(), tensor.name, entry.name);
}

void Binder::matchType(const TensorSpec &value, const Tensor &tensor,
                       const std::string &where) const {
  if (!canConvert(tensor.dtype(), value.dtype))
    fail("{} has dtype {}, expected {}", where, dtypeName(tensor.dtype()), dtypeName(value.dtype));
  bool fits = tensor.shape().size() == value.shape.size();
  for (size_t d = 0; fits && d < value.shape.size(); ++d)
    fits = !value.shape[d].isConstant() || tensor.shape()[d] == value.shape[d].constant;
  if (!fits)
    fail("{} has shape {}, expected {}", where, shapeText(tensor.shape()), value.shapeText());
}

std::vector<std::string> Binder::openNames(const SizeSum &dim) const {
  std::vector<std::string> open;
  for (const std::string &name : dim.names())
    if (!known(name))
      open.push_back(name);
  return open;
}

std::string Binder::sources(const SizeSum &dim, const std::string &except) const {
  std::vector<std::string> texts;
  for (const std::string &name : dim.names())
    if (name != except)
      texts.push_back(facts[entry.sizeIndex(name)].source);
  return texts.empty() ? "" : fmt::format(", as {}", fmt::join(texts, " and "));
}

SizeFact Binder::solve(size_t argument, size_t d, const std::string &name) const {
  const TensorSpec &value = entry.args[argument];
  const SizeSum &dim = value.shape[d];
  int64_t actual = found[argument].first->shape()[d];
  std::optional<int64_t> size = dim.solve(name, actual, known);
  if (!size)
    fail("{} has {} in dimension {}, expected {} with a whole number {} >= 0{}", whereOf(argument),
         actual, d, dim.text(), name, sources(dim, name));
  return {*size, fmt::format("`{}` has {} = {} (dim {})", value.name, name, *size, d)};
}

void Binder::solveSizes() {
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < entry.args.size(); ++i)
      for (size_t d = 0; found[i].first && d < entry.args[i].shape.size(); ++d) {
        std::vector<std::string> open = openNames(entry.args[i].shape[d]);
        if (open.size() != 1)
          continue;
        facts[entry.sizeIndex(open.front())] = solve(i, d, open.front());
        more = true;
      }
  }
}

/// What a dimension says about sizes that others gave.
void Binder::checkDimension(size_t argument, size_t d) const {
  const SizeSum &dim = entry.args[argument].shape[d];
  int64_t actual = found[argument].first->shape()[d];
  if (!openNames(dim).empty())
    return;
  std::optional<int64_t> wanted = dim.evaluate(known);
  if (wanted == actual)
    return;
  if (dim.factors.size() == 1) {
    const std::string &name = dim.factors.begin()->first;
    fail("{}, but {}", solve(argument, d, name).source, facts[entry.sizeIndex(name)].source);
  }
  fail("{} has {} in dimension {}, expected {}{}{}", whereOf(argument), actual, d, dim.text(),
       wanted ? fmt::format(" = {}", *wanted) : "", sources(dim, ""));
}

static void checkFiniteData(const Tensor &tensor, const std::string &where) {
  if (!isFloat(tensor.dtype()))
    return;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    if (!std::isfinite(tensor.toDouble(i)))
      fail("{} holds {} at {}, expected finite values", where, tensor.toDouble(i),
           positionText(tensor.shape(), i));
}

Tensor Binder::makeArgument(const TensorSpec &value, const Tensor *tensor, const std::string &file,
                            const std::vector<int64_t> &sizes) const {
  if (!tensor)
    return fillRandom(entry, value, sizes, options.seed);
  std::string where = fmt::format("`{}`: `{}`", file, value.name);
  if (options.checkFinite)
    checkFiniteData(*tensor, where);
  if (tensor->dtype() == DType::BOOL)
    for (int64_t i = 0; i < tensor->elements(); ++i)
      if (tensor->as<uint8_t>()[i] > 1)
        fail("{} holds the byte {} at {}, expected 0 or 1", where, tensor->as<uint8_t>()[i],
             positionText(tensor->shape(), i));
  if (tensor->dtype() == DType::F64 && value.dtype == DType::F32)
    for (int64_t i = 0; i < tensor->elements(); ++i)
      if (double x = tensor->toDouble(i); std::isfinite(x) && std::isinf(float(x)))
        fail("{} holds {} at {}, too large for {}", where, x, positionText(tensor->shape(), i),
             dtypeName(value.dtype));
  bool aligned = reinterpret_cast<uintptr_t>(tensor->data()) % 64 == 0;
  if (tensor->dtype() == value.dtype && aligned && tensor->elements() > 0)
    return *tensor;
  return tensor->convertTo(value.dtype);
}

BoundCall Binder::bind() {
  takeRandomSizes();
  findArguments();
  if (options.strict)
    rejectExtraNames();
  for (size_t i = 0; i < entry.args.size(); ++i)
    if (found[i].first)
      matchType(entry.args[i], *found[i].first, whereOf(i));
  solveSizes();
  for (size_t i = 0; i < entry.args.size(); ++i)
    for (size_t d = 0; found[i].first && d < entry.args[i].shape.size(); ++d)
      checkDimension(i, d);

  BoundCall call;
  call.entry = &entry;
  for (size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].value < 0)
      fail("no file gives the size `{0}`, expected --random {0}=<n> or a file with an argument "
           "that has it",
           entry.sizes[i]);
    call.sizes.push_back(facts[i].value);
  }
  for (size_t i = 0; i < entry.args.size(); ++i)
    call.args.push_back(makeArgument(entry.args[i], found[i].first, found[i].second, call.sizes));
  return call;
}

BoundCall bindArguments(const Entry &entry, const std::vector<SafetensorsFile> &files,
                        const BindOptions &options) {
  return Binder(entry, files, options).bind();
}

Shape resolveShape(const Entry &entry, const TensorSpec &value, const std::vector<int64_t> &sizes) {
  Shape shape;
  for (const SizeSum &dim : value.shape) {
    std::optional<int64_t> size = dim.evaluate(entry.lookup(sizes));
    if (!size)
      fail("`{}` has the dimension {}, which is too large for 64 bits", value.name, dim.text());
    if (*size < 0)
      fail("`{}` has the dimension {} = {}, expected at least 0", value.name, dim.text(), *size);
    shape.push_back(*size);
  }
  return shape;
}

void allocateResults(BoundCall &call, bool floatsAsDouble) {
  call.results.clear();
  for (const TensorSpec &value : call.entry->results) {
    DType dtype = floatsAsDouble && isFloat(value.dtype) ? DType::F64 : value.dtype;
    Tensor result = Tensor::allocate(dtype, resolveShape(*call.entry, value, call.sizes));
    std::memset(result.mutableData(), 0xff, result.bytes());
    call.results.push_back(std::move(result));
  }
}

static int64_t indexAt(const Tensor &tensor, int64_t i) {
  return tensor.dtype() == DType::I64 ? tensor.as<int64_t>()[i] : tensor.as<int32_t>()[i];
}

static void checkOffsets(const TensorSpec &value, const Tensor &tensor, int64_t size) {
  int64_t count = tensor.elements(), previous = 0;
  if (count == 0)
    fail("`{}` is empty, expected offsets from 0 to {} = {}", value.name, value.offsetsOf, size);
  if (indexAt(tensor, 0) != 0)
    fail("`{}` begins with {}, expected 0", value.name, indexAt(tensor, 0));
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = indexAt(tensor, i);
    if (offset < previous)
      fail("`{}` holds {} at [{}] after {}, expected non-decreasing offsets", value.name, offset, i,
           previous);
    previous = offset;
  }
  if (previous != size)
    fail("`{}` ends with {}, expected {} = {}", value.name, previous, value.offsetsOf, size);
}

/// Checks the length of `value`, which has an element for each pair inside a segment of `offsets`.
static void checkPairs(const TensorSpec &value, const Tensor &tensor, const Tensor &offsets) {
  int64_t pairs = 0;
  for (int64_t i = 1; i < offsets.elements(); ++i) {
    int64_t length = indexAt(offsets, i) - indexAt(offsets, i - 1);
    pairs += length * length;
  }
  if (pairs != tensor.elements())
    fail("`{}` has {} elements, expected {}, one for each pair inside a segment of `{}`",
         value.name, tensor.elements(), pairs, value.pairsOf);
}

void checkIndexData(const BoundCall &call) {
  const Entry &entry = *call.entry;
  for (size_t a = 0; a < entry.args.size(); ++a) {
    const TensorSpec &value = entry.args[a];
    const Tensor &tensor = call.args[a];
    if (!value.offsetsOf.empty())
      checkOffsets(value, tensor, call.sizes[entry.sizeIndex(value.offsetsOf)]);
    if (!value.pairsOf.empty())
      checkPairs(value, tensor, call.args[entry.findArgument(value.pairsOf) - entry.args.data()]);
    if (value.below.empty())
      continue;
    int64_t limit = entry.limitOf(value, call.sizes);
    std::string limitText =
        parseNumber(value.below) ? value.below : fmt::format("{} = {}", value.below, limit);
    for (int64_t i = 0; i < tensor.elements(); ++i)
      if (int64_t index = indexAt(tensor, i); index < 0 || index >= limit)
        fail("`{}` holds {} at {}, expected at least 0 and below {}", value.name, index,
             positionText(tensor.shape(), i), limitText);
  }
}

} // namespace attune::runtime
