// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TILE_CPU_PASSES
#define ATTUNE_TILE_CPU_PASSES

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
    Before/After: [example: test/Tile/CPU/fuse-rows.mlir#DOC]

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

def TileStreamPass : TilePass<"attune-tile-stream"> {
  let summary = "attn.stream on memrefs to loops over register tiles";
  let description = [{
    Before/After: [example: test/Tile/CPU/stream.mlir#DOC]

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
    Before/After: [example: test/Tile/CPU/linalg.mlir#DOC]

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
    Before/After: [example: test/Tile/CPU/csr.mlir#DOC]

    Counts the edges of each row, sums the counts up to offsets and puts the edges in place in the
    order of the list. O(N + E) time. Lists of 65 536 edges and more are first split by ranges of rows,
    parts of the list in parallel, and each range is then sorted by itself, ranges in parallel; that
    takes 12 bytes for each edge. Results do not depend on the number of threads.
  }];
}

def PlaceScratchPass : Pass<"attune-place-scratch", "mlir::func::FuncOp"> {
  let summary = "No loop allocates: scratch of tasks goes to the stack, that of other loops out of them";
  let description = [{
    Before/After: [example: test/Tile/CPU/place-scratch.mlir#DOC]

    A buffer of static size that is made and freed inside of `omp.parallel` goes to the stack of each
    thread, up to 256 KiB for each loop. In other loops the allocation moves out of all loops outside of
    which its sizes are known. Exact. Runs right after convert-scf-to-openmp.
  }];
  let statistics = [Statistic<"numOnStack", "on-stack", "buffers of tasks that went to the stack">,
                    Statistic<"numMoved", "moved", "buffers that moved out of loops">];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::omp::OpenMPDialect"];
}

def SkipForkPass : Pass<"attune-skip-fork", "mlir::func::FuncOp"> {
  let summary = "Parallel loops with a single task start no threads";
  let description = [{
    Before/After: [example: test/Tile/CPU/skip-fork.mlir#DOC]

    Gives every `omp.parallel` around one loop the condition that the loop has more than one iteration.
    Small inputs, for which all rows are one task, then cost no thread start. Runs right after
    convert-scf-to-openmp.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::omp::OpenMPDialect"];
}

#endif
