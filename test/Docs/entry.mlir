// The example of docs/spec/entry.md: a batch of graphs.
//
// RUN: attune-opt %s --pass-pipeline='builtin.module(attune-entry)' | FileCheck %s --check-prefix=ENTRY
// RUN: attune-compile %s -o %t.so
// RUN: attune-run %t.so --describe | FileCheck %s --check-prefix=DESCRIBE
// RUN: %python %S/Inputs/manifest.py %t.so | FileCheck %s --check-prefix=MANIFEST

// DOC: entry
func.func @means(%x: tensor<?x16xf32> {attune.name = "x", attune.dims = ["N", ""]},
                 %offsets: tensor<?xi64> {attune.name = "graph_offsets", attune.dims = ["G+1"],
                                          attune.offsets_of = "N"})
    -> (tensor<?x16xf32> {attune.name = "means"}) attributes {attune.sizes = {N = "rows", G = "batch"}} {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %ones = attn.splat %one sizes(%n, %n) : !attn.matrix<?x?xf32>
  %same = attn.restrict %ones segments(%offsets : tensor<?xi64>) : !attn.matrix<?x?xf32>
  %p = attn.normalize_rows %same : !attn.matrix<?x?xf32>
  %out = attn.apply %p, %x : !attn.matrix<?x?xf32>, tensor<?x16xf32>
  return %out : tensor<?x16xf32>
}
// MANIFEST: {"attune": "0.1.0", "abi": 1, "target": "cpu", "cpu": "{{.*}}", "features": "{{.*}}", "triple": "{{.*}}", "entries": [
// MANIFEST-NEXT:   {"name": "means", "sizes": ["N", "G"],
// MANIFEST-NEXT:    "args": [
// MANIFEST-NEXT:      {"name": "x", "dtype": "F32", "shape": ["N", 16]},
// MANIFEST-NEXT:      {"name": "graph_offsets", "dtype": "I64", "shape": ["G+1"], "offsets_of": "N"}
// MANIFEST-NEXT:    ],
// MANIFEST-NEXT:    "results": [
// MANIFEST-NEXT:      {"name": "means", "dtype": "F32", "shape": ["N", 16]}
// MANIFEST-NEXT:    ]}
// MANIFEST-NEXT: ]}
// DOC-END

// ENTRY: -> (tensor<?x16xf32> {attune.dims = ["N", ""], attune.name = "means"})
// DESCRIBE: entry means
// DESCRIBE-NEXT: sizes N, G
// DESCRIBE-NEXT: argument x F32 [N, 16]
// DESCRIBE-NEXT: argument graph_offsets I64 [G+1], offsets from 0 to N
// DESCRIBE-NEXT: result means F32 [N, 16]
