// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ATTUNE_ATTN_STREAM
#define ATTUNE_ATTN_STREAM

include "dialects/Attn/Ops/OpBase.td"

def Attn_StreamOp : Attn_ShapedOp<"stream", [AttrSizedOperandSegments, SingleBlock, IsolatedFromAbove,
    DestinationStyleOpInterface, DeclareOpInterfaceMethods<DimSourceOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "visits pairs (i, j) and gathers their entries, O(tile) memory";
  let description = [{
    The one op that the targets lower for matrices without a linear form, made by `attune-linearize`.
    For every batch, head, row i and visited column j the region computes entries; the sinks gather
    them. Which columns are visited: all M, those of the row's segment (`segments`), or those of the
    row's edges (`csr`); with `band` = [l, r] of these only columns i - l .. i + r, -1 standing for no
    bound.

    All tensors (or memrefs) are in canonical rank: lhs, rhs and values [B.., rows, H, width], rows and
    cols [B.., rows, H], heads [H], edges [NNZ, H]; a static 1 for B or H broadcasts. With `segments`,
    `blocks` gives the table of a block diagonal matrix and where each segment's block begins in it
    (`attn.blocks`), and `lookups` [H, K] are tables over the K classes that its entries then are.

    Region arguments: i, j (index), then for each pair the dot product (or squared distance, where
    `distance` is true for it) of lhs_i and rhs_j, then `rows` at i, `cols` at j, `heads`, `scalars`,
    `edges` at the visited edge, the block's entry (i, j) as f32, `lookups` at that entry. It yields one or more f32 numbers and, with `masked`, as last value an
    i1 that says whether the entries are present; those that are not are skipped.

    Sinks, one for each of `outs`, with `elements` saying which of these each takes:
    - `apply`: out[i, h, :] += entry * values_k[j, h, :] (values are taken in the order of these sinks)
    - `row_sum`: out[i, h] += entry
    - `row_max`: out[i, h] = max(out[i, h], entry)
    - `softmax`: out[i, h, :] += sum_j exp(entry - m) values_k[j, h, :] / sum_j exp(entry - m), nothing for
      a row without present entries
    - `materialize`: out[.., h, i, j] = entry, untouched where absent (matrix order)
    With `scatter` (csr only) rows and columns of the sinks swap: out[columns[e]] gathers values[i];
    only `apply` and `row_sum` are allowed then.

    (C1) `csr` and `segments` exclude each other. (C2) as many lhs as rhs as flags in `distance`.
    (C3) at least one out, one sink kind and entry number for each; as many `values` as apply and
    softmax sinks. (C4) region arguments and yield as described. (C5) tensors or memrefs of canonical
    rank. (C6) only elementwise ops and constants in the region. (C7) `edges` and `scatter` only with
    `csr`. (C8) f32; i64 offsets and i32 columns. (C9) the widths of lhs and rhs agree, and those of
    values and outs. (C10) `blocks` only with `segments`: a table of rank 1 of i8, i32, i64 or f32,
    starts i64 of rank 1; `lookups` f32 of rank 2, only with a table of integers. (C11) `band` has two numbers of at least -1 and does not go with `csr`.
    (C12) The stream runs over the batch and heads of its widest operand, and each out has these.
  }];
  let arguments = (ins
      Optional<AnyShaped>:$segments, Optional<AnyShaped>:$csr_offsets, Optional<AnyShaped>:$csr_columns,
      Index:$num_rows, Index:$num_columns,
      Variadic<AnyShaped>:$lhs, Variadic<AnyShaped>:$rhs, Variadic<AnyShaped>:$rows,
      Variadic<AnyShaped>:$cols, Variadic<AnyShaped>:$heads, Variadic<F32>:$scalars,
      Variadic<AnyShaped>:$edges, Optional<AnyShaped>:$block_table, Optional<AnyShaped>:$block_starts,
      Variadic<AnyShaped>:$lookups, Variadic<AnyShaped>:$values, Variadic<AnyShaped>:$inits,
      DenseBoolArrayAttr:$distance, Attn_SinkKindArrayAttr:$sinks, DenseI64ArrayAttr:$elements,
      UnitAttr:$masked, UnitAttr:$scatter, OptionalAttr<DenseI64ArrayAttr>:$band);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`segments` `(` $segments^ `:` type($segments) `)`)?
    (`csr` `(` $csr_offsets^ `,` $csr_columns `:` type($csr_offsets) `,` type($csr_columns) `)`)?
    `size` `(` $num_rows `,` $num_columns `)`
    (`lhs` `(` $lhs^ `:` type($lhs) `)`)? (`rhs` `(` $rhs^ `:` type($rhs) `)`)?
    (`rows` `(` $rows^ `:` type($rows) `)`)? (`cols` `(` $cols^ `:` type($cols) `)`)?
    (`heads` `(` $heads^ `:` type($heads) `)`)? (`scalars` `(` $scalars^ `)`)?
    (`edges` `(` $edges^ `:` type($edges) `)`)?
    (`blocks` `(` $block_table^ `,` $block_starts `:` type($block_table) `,` type($block_starts) `)`)?
    (`lookups` `(` $lookups^ `:` type($lookups) `)`)? (`values` `(` $values^ `:` type($values) `)`)?
    `outs` `(` $inits `:` type($inits) `)` (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
    SinkKind getSinkKind(unsigned i) { return ::llvm::cast<SinkKindAttr>(getSinks()[i]).getValue(); }
    /// Position in `values` of the operand that sink `i` takes (apply and softmax sinks).
    unsigned getValueIndex(unsigned i);
  }];
}

#endif
