// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Builds an entry function: named arguments and weights, and the layers that several models share.
#ifndef ATTUNE_LIB_MODELS_MODELBUILDER_H
#define ATTUNE_LIB_MODELS_MODELBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attune::models {

/// A graph's edge list sorted by target node.
struct Graph {
  mlir::Value edgeIndex, offsets, columns, edges;
};

/// Arguments are added to the function in the order in which a model asks for them. Every op
/// carries the name of its layer as location: `at("query")` within the scope "convs.0" names what
/// is built next "convs.0.query", and remarks and errors repeat that.
class ModelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Body = llvm::function_ref<mlir::Value(ModelBuilder &, mlir::ValueRange)>;

  /// An empty function in `module`.
  ModelBuilder(mlir::ModuleOp module, llvm::StringRef function);

  /// Prefix of the names from here on; empty for none.
  void enterScope(const llvm::Twine &name) { scope = name.str(); }
  /// The name in the current scope.
  std::string scoped(llvm::StringRef name) const;
  /// Names what is built next.
  ModelBuilder &at(llvm::StringRef name);

  /// Declares a named size; `kind` is "rows" (it grows) or "batch".
  void declareSize(llvm::StringRef name, llvm::StringRef kind = "rows");
  /// An argument whose dynamic dimensions have the names in `dims`; `facts` are more attributes.
  mlir::Value addInput(llvm::StringRef name, mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<llvm::StringRef> dims,
                       llvm::ArrayRef<mlir::NamedAttribute> facts = {});
  /// `x` [N, width], whose rows are the rows of the model.
  mlir::Value addFeatures(int64_t width);
  /// `x` [N] of whole numbers below `types`, whose rows are the rows of the model.
  mlir::Value addFeatureTypes(int64_t types);
  /// An argument [`size`] of whole numbers below `limit`.
  mlir::Value addTypes(llvm::StringRef name, llvm::StringRef size, int64_t limit);
  /// `edge_index` [2, E], nodes below N.
  mlir::Value addEdgeIndex();
  /// A weight, under its name in the current scope.
  mlir::Value addWeight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);
  /// Ends the function with one result [`rows`, ..].
  void finish(mlir::Value result, llvm::StringRef name, llvm::StringRef rows = "N");

  /// Number of rows of the features.
  mlir::Value rows() const { return numRows; }
  /// Number of columns of the edge list.
  mlir::Value edges() const { return numEdges; }
  /// Constants, without a name.
  mlir::Value f32(double value);
  mlir::Value index(int64_t value);
  /// Last dimension of a tensor, which is static.
  static int64_t width(mlir::Value tensor);

  /// nn.linear with the weights `<layer>.weight` and, where asked for, `<layer>.bias`.
  mlir::Value linear(mlir::Value x, llvm::StringRef layer, int64_t outputs, bool hasBias = true);
  /// nn.layer_norm with `<layer>.weight` and `<layer>.bias`.
  mlir::Value layerNorm(mlir::Value x, llvm::StringRef layer, double epsilon = 1.0e-5);
  /// nn.batch_norm with `<layer>.running_mean`, `.running_var`, `.weight` and `.bias`.
  mlir::Value batchNorm(mlir::Value x, llvm::StringRef layer);
  mlir::Value relu(mlir::Value x, llvm::StringRef name);
  /// [N, heads * d] -> [N, heads, d].
  mlir::Value splitHeads(mlir::Value x, int64_t heads, llvm::StringRef name);
  /// Elementwise sum.
  mlir::Value add(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name);
  /// Splits dimension `dim` into `sizes`.
  mlir::Value expand(mlir::Value x, int64_t dim, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                     llvm::StringRef name);
  /// Joins `count` dimensions from `dim` on.
  mlir::Value collapse(mlir::Value x, int64_t dim, int64_t count, llvm::StringRef name);
  /// Result dimension d is dimension `order[d]` of `x`; a copy.
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> order, llvm::StringRef name);
  /// `size` elements from `offset` on along dimension `dim`.
  mlir::Value slice(mlir::Value x, int64_t dim, int64_t offset, int64_t size, llvm::StringRef name);
  /// Tensors one after the other along dimension `dim`, which is static in all.
  mlir::Value concatenate(mlir::ValueRange parts, int64_t dim, llvm::StringRef name);
  /// attn.map of one matrix by the function of a kernel record, e.g. "gaussian".
  mlir::Value kernel(mlir::Value matrix, llvm::StringRef kernel, llvm::StringRef name);
  /// nn.map of tensors of one shape; `body` gets the elements.
  mlir::Value map(mlir::ValueRange tensors, llvm::StringRef name, Body body);
  /// A vector [C] as every row of [N, C].
  mlir::Value repeatRows(mlir::Value vector, llvm::StringRef name);

  /// Sorts the edges by target, or by source.
  Graph sortEdges(mlir::Value edgeIndex, bool dropSelfLoops, bool bySource = false);
  /// Adjacency with 1 for each edge, or with `values` in the order of the sorted edges.
  mlir::Value adjacency(const Graph &graph, mlir::Value values, llvm::StringRef name);
  /// Row 0 (sources) or 1 (targets) of an edge list, [E].
  mlir::Value edgeEnds(const Graph &graph, int64_t row, llvm::StringRef name);

private:
  /// Takes the number of rows from the features.
  void readRows(mlir::Value features);

  mlir::func::FuncOp function;
  mlir::Value numRows, numEdges;
  std::string scope;
  llvm::SmallVector<mlir::NamedAttribute> sizes;
};

} // namespace attune::models

#endif
