// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TILE_GPU_PASSES
#define ATTUNE_TILE_GPU_PASSES

include "mlir/Pass/PassBase.td"

def GpuGroupPass : Pass<"attune-gpu-group", "mlir::func::FuncOp"> {
  let summary = "A reduction and the elementwise ops around it in one region";
  let description = [{
    Before/After: [example: test/Tile/GPU/group.mlir#DOC]

    Ops move into one `scf.execute_region`, which `attune-gpu-tile` makes one kernel of:
    - an op that sets the buffer of a contraction's result, the contraction, and ops that change each element of
      the result in place; other reductions likewise;
    - a loop of ops on the entries of a batch (`attune.item_loops` leading loops count them), each op of at most
      64^3 iterations for an entry, with such ops around the loop;
    - a loop over segments of the rows in which an op writes rows of its segment, or a buffer that each iteration
      sets anew (`attune.segment_loop`);
    - ops over the same rows (`attune.row_loops` leading loops count them) of at most 2048 elements each, where
      what one writes another one uses in the same row only.
    Reductions and groups next to each other that are independent move into one region (`attune.parallel`), whose
    launches `attune-gpu-merge-launches` merges.
    First, where the host would read a number, compute with it and hand it to ops, the ops read it themselves.
    A stream that would add to a result of zeros sets it (`attune.from_zero`).
    Exact, but for the order in which sums of a row are formed.
  }];
  let statistics = [Statistic<"numGroups", "groups", "regions that were made">];
  let dependentDialects = ["mlir::scf::SCFDialect"];
}

def GpuTilePass : Pass<"attune-gpu-tile", "mlir::func::FuncOp"> {
  let summary = "Streams and linalg ops to kernels";
  let description = [{
    Before/After: [example: test/Tile/GPU/tile.mlir#DOC]

    Every `attn.stream`, `nn.csr` and `linalg` op on buffers becomes one `gpu.launch` or several, with block tiles in
    shared memory and register tiles of the size that the chip's table gives. Ops that no schedule serves
    become parallel loops. Sums are cut into parts that follow from the sizes alone. With a precision other
    than f32, products of f32 matrices are formed on matrix units (docs/spec/device.md).
  }];
  let options = [Option<"chip", "chip", "std::string", "\"sm_80\"", "Graphics processor whose tile sizes are used">,
                 Option<"precision", "precision", "std::string", "\"f32\"",
                        "Factors of products of matrices: f32, tf32x3, tf32 or bf16">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect", "mlir::NVVM::NVVMDialect", "mlir::affine::AffineDialect", "mlir::gpu::GPUDialect", "mlir::nvgpu::NVGPUDialect",
                           "mlir::scf::SCFDialect", "mlir::vector::VectorDialect", "mlir::math::MathDialect"];
}

def GpuMergeLaunchesPass : Pass<"attune-gpu-merge-launches", "mlir::func::FuncOp"> {
  let summary = "Kernels that have nothing to do with each other become one";
  let description = [{
    Before/After: [example: test/Tile/GPU/merge-launches.mlir#DOC]

    In a function made of ops that `attune-gpu-group` found to be independent, launches of which none writes what
    another one uses become one launch, whose first blocks are those of the first kernel, and so on. Blocks must have
    the same number of threads. Exact.
  }];
  let statistics = [Statistic<"numMerged", "merged", "launches that became part of another one">];
  let dependentDialects = ["mlir::gpu::GPUDialect", "mlir::scf::SCFDialect", "mlir::arith::ArithDialect"];
}

def GpuMapLoopsPass : Pass<"attune-gpu-map-loops", "mlir::func::FuncOp"> {
  let summary = "Parallel loops and serial code on buffers to kernels";
  let description = [{
    Before/After: [example: test/Tile/GPU/map-loops.mlir#DOC]

    A parallel loop becomes a kernel with one thread for each iteration; its buffers become parts of one
    that has room for all iterations. Other code that touches memory becomes a kernel of one thread, in runs
    as long as possible. Loads that are left outside of kernels read from the device. Exact.
  }];
  let dependentDialects = ["mlir::gpu::GPUDialect", "mlir::scf::SCFDialect"];
}

#endif
