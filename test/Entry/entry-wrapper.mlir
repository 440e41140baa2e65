// RUN: attune-opt %s --attune-entry-wrapper='cpu=some-cpu features=+a,+b' -split-input-file -verify-diagnostics | FileCheck %s
// DOC: an entry with a size and index data
// CHECK-NOT: attune.entries
// CHECK: llvm.func @snprintf(!llvm.ptr, i64, !llvm.ptr, ...) -> i32
// CHECK: llvm.func internal @attune.exp(
// CHECK-LABEL: llvm.func @attune_exp(
// CHECK-SAME: %[[N:.*]]: i64, %[[X:.*]]: !llvm.ptr, %[[Y:.*]]: !llvm.ptr, %[[MESSAGE:.*]]: !llvm.ptr, %[[CAPACITY:.*]]: i64) -> i32
// CHECK: llvm.icmp "sge" %[[N]]
// CHECK: llvm.cond_br
// CHECK: llvm.call @attune.find_outside_i32(%[[X]], %{{.*}}, %[[N]])
// CHECK: llvm.call @attune.exp(%[[X]], %[[X]], %{{.*}}, %[[N]], %{{.*}}, %[[Y]], %[[Y]], %{{.*}}, %[[N]], %{{.*}})
// CHECK: llvm.func internal @attune.find_outside_i32(
// CHECK-LABEL: llvm.func @attune_call_exp(
// CHECK: llvm.call @attune_exp(
// CHECK: llvm.mlir.global external constant @attune_manifest({{.*}}\22cpu\22:\22some-cpu\22,\22features\22:\22+a,+b\22{{.*}}\00")
module attributes {attune.entries = "{\22attune\22:\220\22,\22abi\22:1,\22entries\22:[{\22name\22:\22exp\22,\22sizes\22:[\22N\22],\22args\22:[{\22name\22:\22x\22,\22dtype\22:\22I32\22,\22shape\22:[\22N\22],\22below\22:\22N\22}],\22results\22:[{\22name\22:\22y\22,\22dtype\22:\22F32\22,\22shape\22:[\22N\22]}]}]}"} {
  llvm.func @exp(%x: !llvm.ptr, %x1: !llvm.ptr, %x2: i64, %x3: i64, %x4: i64,
                 %y: !llvm.ptr, %y1: !llvm.ptr, %y2: i64, %y3: i64, %y4: i64) {
    llvm.return
  }
}

// -----
// expected-error @+1 {{module has no attune.entries; attune-record-entries sets it before bufferization}}
module {
  llvm.func @f() {
    llvm.return
  }
}

// -----
module attributes {attune.entries = "{\22attune\22:\220\22,\22abi\22:1,\22entries\22:[{\22name\22:\22f\22,\22sizes\22:[],\22args\22:[],\22results\22:[{\22name\22:\22y\22,\22dtype\22:\22F32\22,\22shape\22:[2]}]}]}"} {
  // expected-error @+1 {{entry `f` is lowered to 1 parameters returning '!llvm.void', expected 5 returning void}}
  llvm.func @f(%y: !llvm.ptr) {
    llvm.return
  }
}
