// RUN: attune-opt %s --attune-large-pages=triple=x86_64-unknown-linux-gnu -split-input-file | FileCheck %s
// RUN: attune-opt %s --attune-large-pages=triple=x86_64-unknown-freebsd -split-input-file | FileCheck %s --check-prefix=OTHER
// DOC: an allocation
// CHECK-LABEL: llvm.func @entry
// CHECK: llvm.call @allocate(
// CHECK: llvm.func @allocate(%[[BYTES:.*]]: i64) -> !llvm.ptr
// CHECK: %[[BLOCK:.*]] = llvm.call @malloc(%[[BYTES]])
// CHECK: llvm.icmp "uge" %[[BYTES]], %{{.*}} : i64
// CHECK: llvm.call @madvise(
// CHECK: llvm.return %[[BLOCK]]
// OTHER-NOT: @allocate
llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @entry(%bytes: i64) -> !llvm.ptr {
  %block = llvm.call @malloc(%bytes) : (i64) -> !llvm.ptr
  llvm.return %block : !llvm.ptr
}

// -----
// A program that allocates nothing gets no function.
// CHECK-LABEL: llvm.func @nothing
// CHECK-NOT: @allocate
llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @nothing() {
  llvm.return
}
