// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_PIPELINE_PASSES
#define ATTUNE_PIPELINE_PASSES

include "mlir/Pass/PassBase.td"

def EntryPass : Pass<"attune-entry", "mlir::ModuleOp"> {
  let summary = "Check and complete what public functions say about their arguments";
  let description = [{
    Before/After: [example: test/Pipeline/entry.mlir#DOC]

    Every matrix operand must be the result of an op that makes matrices: a matrix in a function's
    signature, a block argument or a result of control flow is not supported.

    Public functions: `attune.name` stands on all arguments and results, each with another name, or on
    none (then they are named `arg0`, .., `result0`, ..). `attune.dims` has one entry for each
    dimension: a name or `name+k` where it is dynamic, "" where it is static; arguments without it
    get names of their own (`d0_1`: argument 0, dimension 1), results get what follows from the
    arguments, and where both are there they must agree. `attune.below` and `attune.offsets_of` name
    one of these sizes and stand on integer tensors. Sizes that `attune.sizes` leaves out are "rows".
    Every argument becomes read-only (`bufferization.writable = false`).
    Idempotent.
  }];
}

def UnifyDimsPass : Pass<"attune-unify-dims", "mlir::func::FuncOp"> {
  let summary = "One value for each named size";
  let description = [{
    Before/After: [example: test/Pipeline/unify-dims.mlir#DOC]

    Every `tensor.dim` whose size is that of a dimension of an argument becomes one `tensor.dim` at
    the head of the function, the first argument's with that size. Valid because the compiled entry
    checks that equal names are equal sizes. Without it equal sizes do not look equal to CSE and
    fusion. Functions without `attune.dims` are left alone.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::tensor::TensorDialect"];
}

def SimplifyPass : Pass<"attune-simplify", "mlir::func::FuncOp"> {
  let summary = "Decompose attn.attention and attn.normalize_symmetric into the algebra";
  let description = [{
    Before/After: [example: test/Pipeline/simplify.mlir#DOC]

    `attn.attention` becomes its chain of algebra ops. `attn.normalize_symmetric` A becomes
    r_i a_ij r_j with r = 1/sqrt(row sums of A); where a row may be empty its factor is 0 instead of
    1/sqrt(0), so that the row stays empty in every later form.
  }];
  let dependentDialects = ["attn::AttnDialect", "nn::NNDialect", "mlir::math::MathDialect"];
}

def LowerNNPass : Pass<"attune-lower-nn", "mlir::func::FuncOp"> {
  let summary = "Layers to linalg";
  let description = [{
    Before/After: [example: test/Pipeline/lower-nn.mlir#DOC]

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
    Before/After: [example: test/Pipeline/fuse-elementwise.mlir#DOC]

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
    Before/After: [example: test/Pipeline/shorten-lifetimes.mlir#DOC]

    Every pure op whose results are scalars or tensors of static shape moves to right behind the last
    value that it needs. Its inputs that grow with the sizes can then die before the next value of
    that kind is made: one buffer of N rows less at the peak of a DIFFormer layer.
    Result: exact, bit for bit.
  }];
}

def CutAliasChainsPass : Pass<"attune-cut-alias-chains", "mlir::func::FuncOp"> {
  let summary = "Keep the analysis of bufferization short where many ops write one buffer";
  let description = [{
    Before/After: [example: test/Pipeline/cut-alias-chains.mlir#DOC]

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
    Before/After: [example: test/Pipeline/free-allocations.mlir#DOC]

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
    Before/After: [example: test/Pipeline/return-in-place.mlir#DOC]

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
    Before/After: [example: test/Pipeline/reuse-inits.mlir#DOC]

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
    Before/After: the IR is not changed; test/Pipeline/report-memory.mlir.

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
    Before/After: [example: test/Pipeline/plan-arena.mlir#DOC]

    Buffers become views of one block of memory, which is made when the function starts. Buffers that are
    not alive together share a slot of it. Slots are compared as polynomials in the named sizes, so that
    one plan holds for all sizes. A buffer whose size is read from data, or that is not freed in the block
    in which it is made, stays as it is. Exact.
  }];
  let statistics = [Statistic<"numPlaced", "placed", "buffers that became views">];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::memref::MemRefDialect"];
}

def VerifyStagePass : Pass<"attune-verify-stage", "mlir::ModuleOp"> {
  let summary = "Check that only the ops that a stage allows are left";
  let description = [{
    Before/After: the IR is not changed; test/Pipeline/verify-stage.mlir.

    The stage table says which dialects are legal after each stage. Any other op is a bug of the
    compiler: "internal error: ..", with the stage and the op.
  }];
  let options = [Option<"stage", "stage", "std::string", "\"\"", "Name of the stage in the table">];
}

#endif
