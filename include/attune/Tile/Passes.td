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

def FuseRowsPass : TilePass<"attune-fuse-rows"> {
  let summary = "linalg ops that walk the same rows to one parallel loop over blocks of rows";
  let description = [{
    Before/After: [example: test/Tile/fuse-rows.mlir#DOC]

    Ops on memrefs that walk the same size (one that grows, see `attune.sizes`) become one `scf.parallel`
    over blocks of its rows, with all ops in it on the rows of the block. A buffer that only they use
    shrinks to the rows of one block. What is summed up over the rows (K^T V, column sums, norms) gets
    a partial result for each part of the rows, a number of parts that depends on the size alone; the
    partial results are combined in order. Exact but for the order of sums; results do not depend on
    the number of threads. One start of the threads and one walk through memory serve what would be
    several.
  }];
  let statistics = [Statistic<"numFused", "fused", "ops that became part of a loop over rows">];
}

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

def TileStreamPass : TilePass<"attune-tile-stream"> {
  let summary = "attn.stream on memrefs to loops over register tiles";
  let description = [{
    Before/After: [example: test/Tile/stream.mlir#DOC]

    One task for each block of rows of a batch entry and head. A task visits the columns panel by
    panel: it packs the panel, forms the dot products in register tiles, evaluates the region on
    vectors of columns, and multiplies the entries with the panel of the values. With `segments` a task
    visits, for each segment that its rows touch, that segment's columns; with `csr` the edges of each
    row, one by one.
    Memory: a few panels for each running task. Sums over a panel start at zero and are then added to
    the result, so that their rounding errors stay small. Results do not depend on the number of
    threads.
  }];
  let options = vectorOptions;
}

def TileLinalgPass : TilePass<"attune-tile-linalg"> {
  let summary = "linalg on memrefs to loops over vectors";
  let description = [{
    Before/After: [example: test/Tile/linalg.mlir#DOC]

    Contractions become register tiles with the reduction innermost. Where only a reduction is long
    (K^T V, column sums, norms) its range is cut into parts, a number of them that depends on its
    length alone; each part has its own partial result, and these are combined in order. Other
    reductions and elementwise ops run on vectors along the contiguous dimension. Any other linalg op
    becomes plain loops. Rows run in parallel unless the op is known to be small.
  }];
  let options = vectorOptions;
}

def LowerCsrPass : TilePass<"attune-lower-csr"> {
  let summary = "nn.csr on memrefs to a counting sort";
  let description = [{
    Before/After: [example: test/Tile/csr.mlir#DOC]

    Counts the edges of each row, sums the counts up to offsets and puts the edges in place in the
    order of the list. O(N + E) time. Lists of 65 536 edges and more are first split by ranges of rows,
    parts of the list in parallel, and each range is then sorted by itself, ranges in parallel; that
    takes 12 bytes for each edge. Results do not depend on the number of threads.
  }];
}

def LowerLoopsPass : TilePass<"attune-lower-loops"> {
  let summary = "nn ops that loop over data to loops: pools, hop distances, Cholesky inverses";
  let description = [{
    Before/After: [example: test/Tile/lower-loops.mlir#DOC]

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

def PlaceScratchPass : Pass<"attune-place-scratch", "mlir::func::FuncOp"> {
  let summary = "No loop allocates: scratch of tasks goes to the stack, that of other loops out of them";
  let description = [{
    Before/After: [example: test/Tile/place-scratch.mlir#DOC]

    A buffer of static size that is made and freed inside of `omp.parallel` goes to the stack of each
    thread, up to 256 KiB for each loop. In other loops the allocation moves out of all loops outside of
    which its sizes are known. Exact. Runs right after convert-scf-to-openmp.
  }];
  let statistics = [Statistic<"numOnStack", "on-stack", "buffers of tasks that went to the stack">,
                    Statistic<"numMoved", "moved", "buffers that moved out of loops">];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::omp::OpenMPDialect"];
}

def ExpandMathPass : TilePass<"attune-expand-math"> {
  let summary = "exp, tanh, pow and their like to arithmetic";
  let description = [{
    Before/After: [example: test/Tile/expand-math.mlir#DOC]

    exp, exp2, expm1, log, log2, log1p, tanh, erf and powf on f32, and c / (b + exp(x)) as one
    function, become arithmetic, on vectors and on scalars alike: no call interrupts a loop, and the
    last columns of a row get the same bits as they would in a vector. docs/spec/math.md has the bound of
    each and its special values. Other functions and other types stay and become library calls. With
    `approximate` exp, exp2 and the quotient on scalars use the approximations that NVIDIA's processors have.
  }];
  let options = [Option<"approximate", "approximate", "bool", "false",
                        "Use ex2.approx and rcp.approx of NVIDIA's processors">];
  let dependentDialects = ["mlir::LLVM::LLVMDialect", "mlir::NVVM::NVVMDialect", "mlir::arith::ArithDialect",
                           "mlir::vector::VectorDialect"];
}

def SkipForkPass : Pass<"attune-skip-fork", "mlir::func::FuncOp"> {
  let summary = "Parallel loops with a single task start no threads";
  let description = [{
    Before/After: [example: test/Tile/skip-fork.mlir#DOC]

    Gives every `omp.parallel` around one loop the condition that the loop has more than one iteration.
    Small inputs, for which all rows are one task, then cost no thread start. Runs right after
    convert-scf-to-openmp.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::omp::OpenMPDialect"];
}

def GpuGroupPass : Pass<"attune-gpu-group", "mlir::func::FuncOp"> {
  let summary = "A reduction and the elementwise ops around it in one region";
  let description = [{
    Before/After: [example: test/Tile/GPU/group.mlir#DOC]

    Ops move into one `scf.execute_region`, which `attune-gpu-tile` makes one kernel of:
    - an op that sets the buffer of a contraction's result, the contraction, and ops that change each element of
      the result in place; other reductions likewise;
    - a loop of ops on the entries of a batch (`attune.entry_loops` leading loops count them), each op of at most
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
