// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_TRANSFORMS_PASSES
#define ATTUNE_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def CountFlopPass : Pass<"attune-count-flop", "mlir::func::FuncOp"> {
  let summary = "Say how many floating-point operations a function has";
  let description = [{
    One remark for each function, `flop: 16384*N + 64`, with what the ops on tensors and the streams
    count (attune/Dialect/Attn/FlopCount.h). Layers and implicit matrices count nothing: the pass
    checks what plans say, before and after them. Where the program chooses a form when it runs, the
    first branch is counted, and the second behind `or`. The IR stays as it is.
  }];
}

def LowerNNPass : Pass<"attune-lower-nn", "mlir::func::FuncOp"> {
  let summary = "Layers to linalg";
  let description = [{
    Before/After: [example: test/Transforms/lower-nn.mlir#DOC]

    Every op with LayerOpInterface becomes its own decomposition, until none is left. `nn.csr` stays:
    the targets lower it.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect",
                           "mlir::arith::ArithDialect", "mlir::math::MathDialect",
                           "mlir::scf::SCFDialect"];
}

def FuseElementwisePass : Pass<"attune-fuse-elementwise", "mlir::func::FuncOp"> {
  let summary = "Fuse elementwise linalg ops where no element is computed twice";
  let description = [{
    Before/After: [example: test/Transforms/fuse-elementwise.mlir#DOC]

    Fires when: the producer has one use, and the consumer reads each element of it once (its map is
    a permutation of all the consumer's loops).
    Declines when: the consumer is a contraction or a broadcast, which would compute each element many
    times and hide the contraction from the target's kernels. With `transposes` a contraction still takes a
    transposed weight: it is no work to compute, and the contraction stays one.
    Result: exact, bit for bit.
  }];
  let options = [Option<"transposes", "transposes", "bool", "false",
                        "Contractions read transposed weights [m, n] where n is a multiple of 4">];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect",
                           "mlir::affine::AffineDialect"];
}

def ShortenLifetimesPass : Pass<"attune-shorten-lifetimes", "mlir::func::FuncOp"> {
  let summary = "Compute what is small as early as possible";
  let description = [{
    Before/After: [example: test/Transforms/shorten-lifetimes.mlir#DOC]

    Every pure op whose results are scalars or tensors of static shape moves to right behind the last
    value that it needs. Its inputs that grow with the sizes can then die before the next value of
    that kind is made: one buffer of N rows less at the peak of a DIFFormer layer.
    Result: exact, bit for bit.
  }];
}

def CutAliasChainsPass : Pass<"attune-cut-alias-chains", "mlir::func::FuncOp"> {
  let summary = "Keep the analysis of bufferization short where many ops write one buffer";
  let description = [{
    Before/After: [example: test/Transforms/cut-alias-chains.mlir#DOC]

    A `linalg` op that overwrites the result of one before it, and whose result is overwritten in turn,
    gets its result through a buffer and back: the two ops cost nothing later, and bufferization looks
    at what stands in front of them and behind them as at different buffers. The time of its analysis
    grows with the third power of the length of a chain.
    Fires when: the chain began in a `bufferization.alloc_tensor` of this function's outermost block.
    Result: exact; the buffers are the same.
  }];
  let dependentDialects = ["mlir::bufferization::BufferizationDialect"];
  let statistics = [Statistic<"numCuts", "cuts", "Results that go through a buffer">];
}

def FreeAllocationsPass : Pass<"attune-free-allocations", "mlir::func::FuncOp"> {
  let summary = "Free buffers one by one where they are different allocations";
  let description = [{
    Before/After: [example: test/Transforms/free-allocations.mlir#DOC]

    `bufferization.dealloc` of many buffers becomes a `memref.dealloc` for each where all of them are
    allocations of this function, no two are the same, all are freed whatever happens, and none is
    retained. `buffer-deallocation-simplification` would find out the same in quadratic time.
    Result: exact.
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
}

def ReturnInPlacePass : Pass<"attune-return-in-place", "mlir::func::FuncOp"> {
  let summary = "Give each result a buffer of its own, of the result's shape";
  let description = [{
    Before/After: [example: test/Transforms/return-in-place.mlir#DOC]

    Results are written straight into the caller's buffers where the returned value owns its buffer. A
    reshaped result does not, so the destination that it began with is made in the result's shape and
    reshaped there instead. Where two results share one buffer, the second becomes a copy.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect",
                           "mlir::arith::ArithDialect"];
}

def ReuseInitsPass : Pass<"attune-reuse-inits", "mlir::func::FuncOp"> {
  let summary = "Let elementwise ops write where their input was, and give every init its own buffer";
  let description = [{
    Before/After: [example: test/Transforms/reuse-inits.mlir#DOC]

    Every destination-style use of a `tensor.empty` or of a `linalg.fill` of one gets its own: CSE has
    merged equal ones, and bufferization would then copy. No CSE may run between this pass and
    bufferization.

    An elementwise `linalg.generic` whose init is a `tensor.empty` takes one of its inputs as init
    instead, so that it works in place: an input of the same type and read at the same place, made in
    this function (not an argument, nor a reshaped one), or carried by a loop, which nothing uses
    afterwards. The results that both branches of an `scf.if` begin from a `tensor.empty` begin from one
    in front of it; what an `scf.for` carries is copied back at the end of an iteration where it has
    moved to another buffer. Memory: one value less for each op that fires.
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect", "mlir::tensor::TensorDialect"];
}

def ReportMemoryPass : Pass<"attune-report-memory", "mlir::func::FuncOp"> {
  let summary = "Say how much memory a function needs at most, as a formula of the named sizes";
  let description = [{
    Before/After: the IR is not changed; test/Transforms/report-memory.mlir.

    Emits a remark with a number of bytes: the slots of the arena that `attune-plan-arena` is going to
    make, and the most that is alive together of all other buffers, a polynomial in the named sizes or the
    maximum of several where none is always the largest. Arguments and results count nothing. What
    `nn.csr` and the searches for hop distances take while they run is counted with them; the panels of
    running tasks, which no size makes larger, are not. The remark stands at the op that is alive with
    most.
  }];
}

def PlanArenaPass : Pass<"attune-plan-arena", "mlir::func::FuncOp"> {
  let summary = "One allocation for the buffers of a call";
  let description = [{
    Before/After: [example: test/Transforms/plan-arena.mlir#DOC]

    Buffers become views of one block of memory, which is made when the function starts. Buffers that are
    not alive together share a slot of it. Slots are compared as polynomials in the named sizes, so that
    one plan holds for all sizes. A buffer whose size is read from data, or that is not freed in the block
    in which it is made, stays as it is. Exact.
  }];
  let statistics = [Statistic<"numPlaced", "placed", "buffers that became views">];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::memref::MemRefDialect"];
}

#endif
