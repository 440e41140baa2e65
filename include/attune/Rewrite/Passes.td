// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_REWRITE_PASSES
#define ATTUNE_REWRITE_PASSES

include "mlir/Pass/PassBase.td"

def DecomposePass : Pass<"attune-decompose", "mlir::func::FuncOp"> {
  let summary = "Sugar of attn to the algebra";
  let description = [{
    Before/After: [example: test/Rewrite/decompose.mlir#DOC]

    Every op with a `SugarOpInterface` is replaced by what it decomposes to. `attn.attention` becomes
    its chain of algebra ops, `attn.nystrom` C (X C^T), `attn.nystrom_residual` tensor ops on the stored
    C, `attn.hops` blocks of the table that a breadth-first search fills. `attn.normalize_symmetric` A becomes
    r_i a_ij r_j with r = 1/sqrt(row sums of A); where a row may be empty its factor is 0 instead of
    1/sqrt(0), so that the row stays empty in every later form.
  }];
  let dependentDialects = ["attn::AttnDialect", "nn::NNDialect", "mlir::math::MathDialect"];
}

def LinearizeSinksPass : Pass<"attune-linearize-sinks", "::mlir::func::FuncOp"> {
  let summary = "Rewrite products with implicit matrices to their linear or streamed form";
  let description = [{
    Consumes every value of matrix type. Each sink (`attn.apply`, `attn.row_sums`, `attn.materialize`)
    is planned once: its matrix is taken apart by the algebra of its ops (associativity, distribution
    over sums, constants as column sums, row normalisers as one more column of ones, scalings,
    polynomials of a dot product, chains, segments), and what has no linear form becomes one
    `attn.stream` for each group of sums. Where the cheaper form depends on the sizes, an `scf.if` with
    a guard from the cost polynomials holds both.

    Before/After: test/Docs/linearize.mlir, and one file for each rewrite in test/Rewrite
    Declines when: `entrywise-function`, `softmax-not-separable`, `distance-not-expanded`,
    `position-difference`, `causal-mask`, `window-mask`, `key_mask-mask`, `filled-support`,
    `entrywise-product`, `disabled`.
    Result: exact up to rounding. Cost: in the remarks, category `attune.linearize`: one remark `plan` for
    each sink with the chosen form, and one for each rewrite that fired (passed) or declined (missed),
    with FLOP before and after in named sizes.
  }];
  let options = [
    ListOption<"disabled", "disable", "std::string",
               "Rewrites that must not fire; an unknown name is an error that lists those that there are">
  ];
  let dependentDialects = ["::attune::attn::AttnDialect"];
}

def MoveHeadMeanPass : Pass<"attune-move-head-mean", "::mlir::func::FuncOp"> {
  let summary = "Take the mean over heads before a product whose matrix the heads share";
  let description = [{
    mean_h((A_h + G) v_h) = mean_h(A_h v_h) + G mean_h(v_h) where G has one (static) head: the shared
    product runs once instead of H times.

    Before/After: test/EndToEnd/algebra-head-mean.mlir
    Fires when: `nn.mean` over the head dimension of an `attn.apply` of a sum with shared terms, and v has
    more than one head. Declines when: `disabled`; without a remark where v has one head or no term is shared.
    Result: exact up to rounding. Cost: H C(G) -> C(G) + N H E FLOP.
  }];
  let options = [
    ListOption<"disabled", "disable", "std::string", "Rewrites that must not fire; head-mean is this one">
  ];
  let dependentDialects = ["::attune::attn::AttnDialect", "::attune::nn::NNDialect"];
}

def MoveNormsPass : Pass<"attune-move-norms", "::mlir::func::FuncOp"> {
  let summary = "Divide a product by the norms of its factors, not the factors";
  let description = [{
    (Q / |Q|) (K / |K|)^T = 1 / (|Q| |K|) Q K^T with Frobenius norms of whole tensors: in a linear form
    the number goes to K^T V, and no divided copy of Q or K is made.

    Before/After: [example: test/Rewrite/norm.mlir#DOC]
    Fires when: an operand of `attn.dot` is an `nn.frobenius_normalize`, and all sinks of the dot products,
    through sums, scalings, transpositions and row normalisers, have linear forms. Declines when:
    `disabled`; without a remark where a sink has none: there the number would be multiplied with every entry.
    Result: exact up to rounding while |Q|, |K| and the entries of K^T V are ordinary f32 numbers. Cost:
    (N + M) H D divisions -> 2.
  }];
  let options = [
    ListOption<"disabled", "disable", "std::string", "Rewrites that must not fire; norm is this one">
  ];
  let dependentDialects = ["::attune::attn::AttnDialect", "::attune::nn::NNDialect",
                           "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

#endif
