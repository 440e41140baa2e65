// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TILE_PASSES
#define ATTUNE_TILE_PASSES

include "mlir/Pass/PassBase.td"

class TilePass<string flag> : Pass<flag, "mlir::func::FuncOp"> {
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::math::MathDialect",
                           "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
                           "mlir::vector::VectorDialect"];
}

defvar vectorOptions = [
  Option<"lanes", "lanes", "int64_t", "16", "f32 lanes of the target's vectors">,
  Option<"registers", "registers", "int64_t", "0",
         "the target's vector registers; 0 for as many as x86 has with these lanes">];

def OutlineKernelsPass : Pass<"attune-outline-kernels", "mlir::ModuleOp"> {
  let summary = "Make one function of all equal ops that become loops";
  let description = [{
    Before/After: [example: test/Tile/outline-kernels.mlir#DOC]

    Every destination-style op on memrefs (`linalg`, `attn.stream`, `nn.csr` and their like), every
    `memref.copy` and every loop over rows of attune-fuse-rows becomes a private function whose arguments are the values that it uses from outside;
    constants are copied into it. Functions with the same code become one. Exact. Compile time: a layer
    is tiled, lowered and optimised once and not once for each layer of the model.
  }];
  let statistics = [Statistic<"numOutlined", "outlined", "ops that became functions">,
                    Statistic<"numShared", "shared", "ops that use another one's function">];
  let dependentDialects = ["mlir::func::FuncDialect"];
}

def LowerGraphOpsPass : TilePass<"attune-lower-graph-ops"> {
  let summary = "nn ops that loop over data to loops: pools, hop distances, Cholesky inverses";
  let description = [{
    Before/After: [example: test/Tile/lower-graph-ops.mlir#DOC]

    `nn.segment_pool` adds up the rows of a segment on vectors of columns, segments in parallel.
    `nn.hop_layout` and `nn.hop_table` search breadth first, in at most 64 tasks that each have a queue
    and a list of distances as long as the largest graph. The table takes a search from every node; a
    graph of at most 255 nodes needs none for its layout, others mostly two for each component.
    `nn.cholesky_inverse` factors, inverts and multiplies in f64, matrices in parallel.
    `attn.data_size` has served the growth verifier and goes away.
    Results do not depend on the number of threads.
  }];
  let options = vectorOptions;
}

def ExpandMathPass : TilePass<"attune-expand-math"> {
  let summary = "exp, tanh, pow and their like to arithmetic";
  let description = [{
    Before/After: [example: test/Tile/expand-math.mlir#DOC]

    exp, exp2, expm1, log, log2, log1p, tanh, erf and powf on f32, and c / (b + exp(x)) as one
    function, become arithmetic, on vectors and on scalars alike: no call interrupts a loop, and the
    last columns of a row get the same bits as they would in a vector. docs/spec/functions.md has the bound of
    each and its special values. Other functions and other types stay and become library calls. With
    `approximate` exp, exp2 and the quotient on scalars use the approximations that NVIDIA's processors have.
  }];
  let options = [Option<"approximate", "approximate", "bool", "false",
                        "Use ex2.approx and rcp.approx of NVIDIA's processors">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect", "mlir::NVVM::NVVMDialect", "mlir::arith::ArithDialect",
                           "mlir::vector::VectorDialect"];
}

#endif
