// RUN: attune-opt %s --attune-gpu-program | FileCheck %s
// DOC: the table of a program
module attributes {attune.kernels = ["scale"], attune.parameters = array<i64: 1>,
                   attune.sites = ["model.mlir:3:5"]} {
  llvm.func @malloc(i64) -> !llvm.ptr
  llvm.func @scale(%x: !llvm.ptr) attributes {attune.kernel, attune.waits} {
    llvm.return
  }
  llvm.func @run(%bytes: i64) -> !llvm.ptr {
    %block = llvm.call @malloc(%bytes) : (i64) -> !llvm.ptr
    llvm.return %block : !llvm.ptr
  }
}
// CHECK-LABEL: llvm.func @run(
// CHECK: llvm.call @attune_device_alloc(
// CHECK: llvm.mlir.global internal constant @attune.program.text.0("scale\00")
// CHECK: llvm.func internal @attune.body.0(%{{.*}}: !llvm.ptr)
// CHECK: llvm.call @scale(
// CHECK: llvm.mlir.global internal constant @attune.program.text.1("model.mlir:3:5\00")
// CHECK: llvm.mlir.global internal constant @attune.program()
// DOC-END
