// Dimensions that are sums of sizes: what the entry says, what the compiled program and the
// reference make of them, and what is refused at the call.
//
// RUN: attune-opt %s --attune-entry | FileCheck %s --check-prefix=ENTRY
// RUN: attune-compile %s -o %t.so
// RUN: attune-run %t.so --describe | FileCheck %s --check-prefix=DESCRIBE
// RUN: FileCheck %s --check-prefix=HEADER --input-file=%t.h
// RUN: attune-compile %s --target=reference --random N=5 --random E=3 -o %t.safetensors \
// RUN:   | FileCheck %s --check-prefix=SIZES
// RUN: attune-run %t.so --random N=5 --random E=3 --expect %t.safetensors | FileCheck %s --check-prefix=SIZES
// RUN: attune-compile %s --target=gpu-emulator -o %t.emulator.so
// RUN: attune-run %t.emulator.so --random N=5 --random E=3 --expect %t.safetensors | FileCheck %s --check-prefix=SIZES
// RUN: attune-compile %s --target=reference --before-after=attune-linearize --rtol=1e-6 | FileCheck %s --check-prefix=SAME
//
// RUN: not attune-run %t.so --random N=0 --random E=3 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not attune-compile %s --target=reference --random N=0 --random E=3 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// ENTRY-LABEL: func.func @sums(
// ENTRY-SAME: attune.dims = ["2*N-1", ""]
// ENTRY-SAME: attune.dims = ["E+N", ""]
// ENTRY-SAME: attune.dims = ["7", ""]
// ENTRY-SAME: attune.dims = ["N+1"]
// ENTRY-SAME: -> (tensor<?x4xf32> {attune.dims = ["E+N", ""], attune.name = "soft"}
// ENTRY-SAME: tensor<?x4xf32> {attune.dims = ["E+N", ""], attune.name = "linear"}
// ENTRY-SAME: tensor<?x4xf32> {attune.dims = ["E+3*N-1", ""], attune.name = "both"}
// ENTRY-SAME: tensor<?x4xf32> {attune.dims = ["7", ""], attune.name = "few"}
// ENTRY-SAME: attune.sizes = {E = "rows", N = "rows"}

// DESCRIBE: sizes N, E
// DESCRIBE-NEXT: argument a F32 [2*N-1, 4]
// DESCRIBE-NEXT: argument b F32 [E+N, 4]
// DESCRIBE-NEXT: argument c F32 [7, 4]
// DESCRIBE-NEXT: argument o I64 [N+1], offsets from 0 to E
// DESCRIBE: result both F32 [E+3*N-1, 4]
// HEADER: soft[E+N, 4], linear[E+N, 4], both[E+3*N-1, 4], few[7, 4] from a[2*N-1, 4], b[E+N, 4], o[N+1] and 1 tensor of fixed size.
// HEADER: int64_t N,
// HEADER-NEXT: int64_t E,
// HEADER-NEXT: const float *a, {{ *}}/* a[2*N-1, 4] */
// SIZES: sums: N = 5, E = 3
// SAME: ok @sums
// NEGATIVE: error: `a` has the dimension 2*N-1 = -1, expected at least 0
func.func @sums(%a: tensor<?x4xf32> {attune.name = "a", attune.dims = ["2 * N - 1", ""]},
                %b: tensor<?x4xf32> {attune.name = "b", attune.dims = ["N+E", ""]},
                %c: tensor<?x4xf32> {attune.name = "c", attune.dims = ["7", ""]},
                %o: tensor<?xi64> {attune.name = "o", attune.dims = ["1+N"], attune.offsets_of = "E"})
    -> (tensor<?x4xf32> {attune.name = "soft", attune.dims = ["E + N", ""]},
        tensor<?x4xf32> {attune.name = "linear"}, tensor<?x4xf32> {attune.name = "both"},
        tensor<?x4xf32> {attune.name = "few"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %dot = attn.dot %b, %a : tensor<?x4xf32>, tensor<?x4xf32>
  %weights = attn.softmax %dot : !attn.matrix<?x?xf32>
  %soft = attn.apply %weights, %a : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  %linear = attn.apply %dot, %a : !attn.matrix<?x?xf32>, tensor<?x4xf32>
  %rows = tensor.dim %a, %c0 : tensor<?x4xf32>
  %columns = tensor.dim %b, %c0 : tensor<?x4xf32>
  %sum = arith.addi %rows, %columns : index
  %empty = tensor.empty(%sum) : tensor<?x4xf32>
  %filled = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %both = tensor.insert_slice %a into %filled[%columns, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> into tensor<?x4xf32>
  %few = nn.relu %c : tensor<?x4xf32>
  return %soft, %linear, %both, %few : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
