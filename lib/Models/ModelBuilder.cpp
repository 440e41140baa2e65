// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Named arguments and shared layers. Shapes follow [rows, heads, width]; the number of rows is read
// once, from the features, so that every layer speaks of the same size.

#include "ModelBuilder.h"

#include "attune/Dialect/Attn/Entrywise.h"
#include "attune/Dialect/Attn/Kernels.h"
#include "attune/Dialect/Attn/Sources.h"
#include "attune/Dialect/NN/Graph.h"
#include "attune/Dialect/NN/Layers.h"
#include "attune/Dialect/NN/Vision.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"
#include "attune/Support/LinalgBuilders.h"

using namespace mlir;
using namespace attune;
using namespace attune::models;
using llvm::StringRef;

static constexpr int64_t kDynamic = ShapedType::kDynamic;

ModelBuilder::ModelBuilder(ModuleOp module, StringRef name)
    : ImplicitLocOpBuilder(UnknownLoc::get(module.getContext()), module.getContext()) {
  setInsertionPointToEnd(module.getBody());
  at(name);
  function = func::FuncOp::create(*this, name, getFunctionType({}, {}));
  setInsertionPointToStart(function.addEntryBlock());
}

std::string ModelBuilder::scoped(StringRef name) const {
  return scope.empty() ? name.str() : scope + "." + name.str();
}

ModelBuilder &ModelBuilder::at(StringRef name) {
  setLoc(NameLoc::get(getStringAttr(scoped(name))));
  return *this;
}

void ModelBuilder::declareSize(StringRef name, StringRef kind) {
  sizes.push_back(getNamedAttr(name, getStringAttr(kind)));
}

Value ModelBuilder::addInput(StringRef name, Type elementType, ArrayRef<int64_t> shape,
                             ArrayRef<StringRef> dims, ArrayRef<NamedAttribute> facts) {
  std::string fullName = scoped(name);
  SmallVector<NamedAttribute> attributes(facts);
  attributes.push_back(getNamedAttr(kNameAttr, getStringAttr(fullName)));
  if (!dims.empty())
    attributes.push_back(getNamedAttr(kDimsAttr, getStrArrayAttr(dims)));
  unsigned position = function.getNumArguments();
  (void)function.insertArgument(position, RankedTensorType::get(shape, elementType),
                                getDictionaryAttr(attributes),
                                NameLoc::get(getStringAttr(fullName)));
  return function.getArgument(position);
}

Value ModelBuilder::addFeatures(int64_t width) {
  declareSize("N");
  Value x = addInput("x", getF32Type(), {kDynamic, width}, {"N", ""});
  readRows(x);
  return x;
}

Value ModelBuilder::addTypes(StringRef name, StringRef size, int64_t limit) {
  return addInput(name, getI64Type(), {kDynamic}, {size},
                  getNamedAttr(kBelowAttr, getStringAttr(llvm::Twine(limit))));
}

Value ModelBuilder::addFeatureTypes(int64_t types) {
  declareSize("N");
  Value x = addTypes("x", "N", types);
  readRows(x);
  return x;
}

void ModelBuilder::readRows(Value features) {
  Value zero = index(0);
  numRows = tensor::DimOp::create(at("N"), features, zero);
}

Value ModelBuilder::addEdgeIndex() {
  declareSize("E");
  Value edgeIndex = addInput("edge_index", getI64Type(), {2, kDynamic}, {"", "E"},
                             getNamedAttr(kBelowAttr, getStringAttr("N")));
  Value one = index(1);
  numEdges = tensor::DimOp::create(at("E"), edgeIndex, one);
  return edgeIndex;
}

Value ModelBuilder::addWeight(StringRef name, ArrayRef<int64_t> shape) {
  return addInput(name, getF32Type(), shape, {});
}

void ModelBuilder::finish(Value result, StringRef name, StringRef rows) {
  enterScope("");
  func::ReturnOp::create(at(name), result);
  SmallVector<Type> inputs(function.getArgumentTypes());
  function.setFunctionType(getFunctionType(inputs, result.getType()));
  function.setResultAttrs(
      0, getDictionaryAttr({getNamedAttr(kNameAttr, getStringAttr(name)),
                            getNamedAttr(kDimsAttr, getStrArrayAttr({rows, ""}))}));
  function->setAttr(kSizesAttr, getDictionaryAttr(sizes));
}

Value ModelBuilder::f32(double value) {
  return realConstant(*this, UnknownLoc::get(getContext()), value);
}

Value ModelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, UnknownLoc::get(getContext()), value);
}

int64_t ModelBuilder::width(Value tensor) {
  return llvm::cast<RankedTensorType>(tensor.getType()).getShape().back();
}

Value ModelBuilder::linear(Value x, StringRef layer, int64_t outputs, bool hasBias) {
  std::string name = layer.str();
  Value weight = addWeight(name + ".weight", {outputs, width(x)});
  Value bias = hasBias ? addWeight(name + ".bias", {outputs}) : Value();
  return nn::LinearOp::create(at(layer), x, weight, bias);
}

Value ModelBuilder::layerNorm(Value x, StringRef layer, double epsilon) {
  std::string name = layer.str();
  Value weight = addWeight(name + ".weight", {width(x)});
  Value bias = addWeight(name + ".bias", {width(x)});
  return nn::LayerNormOp::create(at(layer), x, weight, bias, getF64FloatAttr(epsilon));
}

Value ModelBuilder::batchNorm(Value x, StringRef layer) {
  SmallVector<Value> vectors;
  for (StringRef part : {".running_mean", ".running_var", ".weight", ".bias"})
    vectors.push_back(addWeight((layer + part).str(), {width(x)}));
  return nn::BatchNormOp::create(at(layer), x, vectors[0], vectors[1], vectors[2], vectors[3],
                                 getF64FloatAttr(1.0e-5));
}

Value ModelBuilder::add(Value lhs, Value rhs, StringRef name) {
  return map({lhs, rhs}, name, [](ModelBuilder &b, ValueRange terms) -> Value {
    return arith::AddFOp::create(b, terms[0], terms[1]);
  });
}

Value ModelBuilder::expand(Value x, int64_t dim, ArrayRef<OpFoldResult> sizes, StringRef name) {
  at(name);
  auto type = llvm::cast<RankedTensorType>(x.getType());
  SmallVector<OpFoldResult> shape = mixedSizes(*this, getLoc(), x);
  SmallVector<ReassociationIndices> groups;
  int64_t next = 0;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    ReassociationIndices &group = groups.emplace_back();
    for (size_t part = 0, parts = d == dim ? sizes.size() : 1; part < parts; ++part)
      group.push_back(next++);
  }
  shape.erase(shape.begin() + dim);
  shape.insert(shape.begin() + dim, sizes.begin(), sizes.end());
  SmallVector<int64_t> staticShape;
  for (OpFoldResult size : shape)
    staticShape.push_back(getConstantIntValue(size).value_or(kDynamic));
  return tensor::ExpandShapeOp::create(
      *this, RankedTensorType::get(staticShape, type.getElementType()), x, groups, shape);
}

Value ModelBuilder::collapse(Value x, int64_t dim, int64_t count, StringRef name) {
  at(name);
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0, rank = llvm::cast<RankedTensorType>(x.getType()).getRank(); d < rank; ++d) {
    if (d > dim && d < dim + count)
      groups.back().push_back(d);
    else
      groups.push_back({d});
  }
  return tensor::CollapseShapeOp::create(*this, x, groups);
}

Value ModelBuilder::transpose(Value x, ArrayRef<int64_t> order, StringRef name) {
  at(name);
  SmallVector<OpFoldResult> from = mixedSizes(*this, getLoc(), x), to;
  for (int64_t d : order)
    to.push_back(from[d]);
  Value empty = tensor::EmptyOp::create(*this, to, getElementTypeOrSelf(x.getType()));
  return linalg::TransposeOp::create(*this, x, empty, order).getResult()[0];
}

Value ModelBuilder::slice(Value x, int64_t dim, int64_t offset, int64_t size, StringRef name) {
  at(name);
  SmallVector<OpFoldResult> sizes = mixedSizes(*this, getLoc(), x);
  SmallVector<OpFoldResult> offsets(sizes.size(), getIndexAttr(0)),
      strides(sizes.size(), getIndexAttr(1));
  offsets[dim] = getIndexAttr(offset);
  sizes[dim] = getIndexAttr(size);
  return tensor::ExtractSliceOp::create(*this, x, offsets, sizes, strides);
}

Value ModelBuilder::concatenate(ValueRange parts, int64_t dim, StringRef name) {
  at(name);
  SmallVector<OpFoldResult> sizes = mixedSizes(*this, getLoc(), parts.front());
  SmallVector<OpFoldResult> offsets(sizes.size(), getIndexAttr(0)),
      strides(sizes.size(), getIndexAttr(1));
  int64_t total = 0;
  for (Value part : parts)
    total += llvm::cast<RankedTensorType>(part.getType()).getDimSize(dim);
  sizes[dim] = getIndexAttr(total);
  Value whole = tensor::EmptyOp::create(*this, sizes, getF32Type());
  int64_t offset = 0;
  for (Value part : parts) {
    int64_t size = llvm::cast<RankedTensorType>(part.getType()).getDimSize(dim);
    offsets[dim] = getIndexAttr(offset);
    sizes[dim] = getIndexAttr(size);
    whole = tensor::InsertSliceOp::create(*this, part, whole, offsets, sizes, strides);
    offset += size;
  }
  return whole;
}

Value ModelBuilder::kernel(Value matrix, StringRef kernelName, StringRef name) {
  auto op = attn::MapOp::create(at(name), matrix.getType(), matrix, ValueRange(), ValueRange(),
                                ValueRange(), ValueRange(), getStringAttr(kernelName));
  InsertionGuard guard(*this);
  setLoc(UnknownLoc::get(getContext()));
  Block *block = createBlock(&op.getBody(), {}, getF32Type(), getLoc());
  attn::YieldOp::create(
      *this, attn::findKernel(kernelName)->build(*this, getLoc(), block->getArgument(0)));
  return op.getResult();
}

Value ModelBuilder::relu(Value x, StringRef name) { return nn::ReluOp::create(at(name), x); }

Value ModelBuilder::splitHeads(Value x, int64_t heads, StringRef name) {
  at(name);
  int64_t perHead = width(x) / heads;
  auto type = RankedTensorType::get({kDynamic, heads, perHead}, getF32Type());
  SmallVector<ReassociationIndices> groups = {{0}, {1, 2}};
  SmallVector<OpFoldResult> shape = {numRows, getIndexAttr(heads), getIndexAttr(perHead)};
  return tensor::ExpandShapeOp::create(*this, type, x, groups, shape);
}

Value ModelBuilder::map(ValueRange tensors, StringRef name, Body body) {
  auto op = nn::MapOp::create(at(name), tensors, ValueRange());
  InsertionGuard guard(*this);
  SmallVector<Type> types(tensors.size(), getF32Type());
  Block *block = createBlock(&op.getBody(), {}, types,
                             SmallVector<Location>(tensors.size(), UnknownLoc::get(getContext())));
  setLoc(UnknownLoc::get(getContext()));
  attn::YieldOp::create(*this, body(*this, block->getArguments()));
  return op.getResult();
}

Value ModelBuilder::repeatRows(Value vector, StringRef name) {
  at(name);
  Value empty = tensor::EmptyOp::create(
      *this, ArrayRef<OpFoldResult>{numRows, getIndexAttr(width(vector))}, getF32Type());
  return linalg::BroadcastOp::create(*this, vector, empty, ArrayRef<int64_t>{0}).getResult()[0];
}

Graph ModelBuilder::sortEdges(Value edgeIndex, bool dropSelfLoops, bool bySource) {
  at(bySource ? "graph.by_source" : "graph.csr");
  nn::CsrOp csr =
      nn::CsrOp::createFor(*this, getLoc(), edgeIndex, numRows, dropSelfLoops, bySource);
  return {edgeIndex, csr.getResult(0), csr.getResult(1), csr.getResult(2)};
}

Value ModelBuilder::adjacency(const Graph &graph, Value values, StringRef name) {
  return attn::AdjacencyOp::create(at(name), graph.offsets, graph.columns, values, numRows);
}

Value ModelBuilder::edgeEnds(const Graph &graph, int64_t row, StringRef name) {
  at(name);
  SmallVector<OpFoldResult> offsets = {getIndexAttr(row), getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = {getIndexAttr(1), numEdges};
  SmallVector<OpFoldResult> strides(2, getIndexAttr(1));
  auto type = RankedTensorType::get({kDynamic}, getI64Type());
  return tensor::ExtractSliceOp::create(*this, type, graph.edgeIndex, offsets, sizes, strides);
}
