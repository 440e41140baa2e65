// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Named arguments and shared layers. Shapes follow [rows, heads, width]; the number of rows is read
// once, from the features, so that every layer speaks of the same size.

#include "attune/Models/ModelBuilder.h"

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
  attributes.push_back(getNamedAttr(attn::kNameAttr, getStringAttr(fullName)));
  if (!dims.empty())
    attributes.push_back(getNamedAttr(attn::kDimsAttr, getStrArrayAttr(dims)));
  unsigned position = function.getNumArguments();
  (void)function.insertArgument(position, RankedTensorType::get(shape, elementType),
                                getDictionaryAttr(attributes),
                                NameLoc::get(getStringAttr(fullName)));
  return function.getArgument(position);
}

Value ModelBuilder::addFeatures(int64_t width) {
  declareSize("N");
  Value x = addInput("x", getF32Type(), {kDynamic, width}, {"N", ""});
  Value zero = index(0);
  numRows = tensor::DimOp::create(at("N"), x, zero);
  return x;
}

Value ModelBuilder::addEdgeIndex() {
  declareSize("E");
  Value edgeIndex = addInput("edge_index", getI64Type(), {2, kDynamic}, {"", "E"},
                             getNamedAttr(attn::kBelowAttr, getStringAttr("N")));
  Value one = index(1);
  numEdges = tensor::DimOp::create(at("E"), edgeIndex, one);
  return edgeIndex;
}

Value ModelBuilder::addWeight(StringRef name, ArrayRef<int64_t> shape) {
  return addInput(name, getF32Type(), shape, {});
}

void ModelBuilder::finish(Value result, StringRef name) {
  enterScope("");
  func::ReturnOp::create(at(name), result);
  SmallVector<Type> inputs(function.getArgumentTypes());
  function.setFunctionType(getFunctionType(inputs, result.getType()));
  function.setResultAttrs(
      0, getDictionaryAttr({getNamedAttr(attn::kNameAttr, getStringAttr(name)),
                            getNamedAttr(attn::kDimsAttr, getStrArrayAttr({"N", ""}))}));
  function->setAttr(attn::kSizesAttr, getDictionaryAttr(sizes));
}

Value ModelBuilder::f32(double value) {
  return attn::realConstant(*this, UnknownLoc::get(getContext()), value);
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

Value ModelBuilder::layerNorm(Value x, StringRef layer) {
  std::string name = layer.str();
  Value weight = addWeight(name + ".weight", {width(x)});
  Value bias = addWeight(name + ".bias", {width(x)});
  return nn::LayerNormOp::create(at(layer), x, weight, bias, getF64FloatAttr(1.0e-5));
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

Graph ModelBuilder::sortEdges(Value edgeIndex, bool dropSelfLoops) {
  at("graph.csr");
  nn::CsrOp csr = nn::CsrOp::createFor(*this, getLoc(), edgeIndex, numRows, dropSelfLoops);
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
