// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_BASE
#define ATTUNE_ATTN_BASE

include "attune/Sizes/DimSource.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let summary = "algebra over implicit pairwise matrices";
  let description = [{
    A value of type `!attn.matrix` stands for a matrix that is never stored: its entry (i, j) is a
    function of row i and column j, or *absent* (no edge, masked, another graph). Ops combine such
    matrices; only the sinks (`attn.apply`, `attn.row_sums`, `attn.materialize`) make tensors.

    Letters used below: B batch, H heads, N rows (queries), M columns (keys), D key width, E value
    width, G graphs, NNZ edges. A matrix is `[B.., H, N, M]`, a row tensor `[B.., N, H, width]`;
    a matrix of rank 2 goes with row tensors of rank 2 (no heads). A *static* 1 in the head or
    batch position broadcasts; a dynamic dimension never does.
  }];
  let cppNamespace = "::attune::attn";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect"];
}

def Attn_MatrixType : TypeDef<Attn_Dialect, "Matrix", [ShapedTypeInterface,
    DeclareTypeInterfaceMethods<UnstoredTypeInterface>]> {
  let mnemonic = "matrix";
  let summary = "an expression for a pairwise matrix, never a buffer";
  let description = [{
    `!attn.matrix<B.. x H x N x M x f32>`: the last two dimensions are rows and columns, the one
    before is the heads, those before it are batch dimensions. Rank 2 or more; any dimension may be
    dynamic. Each entry is a number or absent. The element type is `f32`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    using ::mlir::ShapedType::Trait<MatrixType>::getDimSize;
    bool hasRank() const { return true; }
    ::mlir::ShapedType cloneWith(std::optional<::llvm::ArrayRef<int64_t>> shape,
                                 ::mlir::Type elementType) const {
      return MatrixType::get(getContext(), shape ? *shape : getShape(), elementType);
    }
    int64_t getNumRows() const { return getShape()[getRank() - 2]; }
    int64_t getNumColumns() const { return getShape().back(); }
    /// Static head count, dynamic, or 1 where the matrix has no head dimension.
    int64_t getNumHeads() const { return getRank() > 2 ? getShape()[getRank() - 3] : 1; }
  }];
}

class Attn_Op<string mnemonic, list<Trait> traits = []> : Op<Attn_Dialect, mnemonic, traits>;

def Attn_MaskKind : I32EnumAttr<"MaskKind", "which entries `attn.restrict` keeps", [
    I32EnumAttrCase<"Segments", 0, "segments">,
    I32EnumAttrCase<"Causal", 1, "causal">,
    I32EnumAttrCase<"Window", 2, "window">,
    I32EnumAttrCase<"KeyMask", 3, "key_mask">]> {
  let cppNamespace = "::attune::attn";
}

def Attn_SinkKind : I32EnumAttr<"SinkKind", "what one result of `attn.stream` gathers", [
    I32EnumAttrCase<"Apply", 0, "apply">,
    I32EnumAttrCase<"RowSum", 1, "row_sum">,
    I32EnumAttrCase<"RowMax", 2, "row_max">,
    I32EnumAttrCase<"Softmax", 3, "softmax">,
    I32EnumAttrCase<"Materialize", 4, "materialize">]> {
  let cppNamespace = "::attune::attn";
  let genSpecializedAttr = 0;
}
def Attn_SinkKindAttr : EnumAttr<Attn_Dialect, Attn_SinkKind, "sink">;
def Attn_SinkKindArrayAttr : TypedArrayAttrBase<Attn_SinkKindAttr, "array of sink kinds">;

#endif
