// RUN: attune-opt %s -split-input-file -verify-diagnostics | attune-opt -split-input-file | FileCheck %s
// RUN: attune-opt %s -split-input-file -verify-diagnostics -mlir-print-op-generic | attune-opt -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @data_size
// CHECK: attn.data_size %{{.*}} "P"
// CHECK-NEXT: attn.data_size %{{.*}} "P" {factor = 2 : i64}
func.func @data_size(%n: index) -> (index, index) {
  %0 = attn.data_size %n "P"
  %1 = attn.data_size %n "P" {factor = 2}
  return %0, %1 : index, index
}

// -----

func.func @data_size_c1(%n: index) {
  // expected-error @+1 {{'attn.data_size' op `symbol` is empty, expected the name of a size (C1)}}
  %0 = attn.data_size %n ""
  return
}

// -----

func.func @data_size_c2(%n: index) {
  // expected-error @+1 {{'attn.data_size' op `factor` is 0, must be at least 1 (C2)}}
  %0 = attn.data_size %n "P" {factor = 0}
  return
}

// -----

func.func @data_size_c2_negative(%n: index) {
  // expected-error @+1 {{`factor` is -1, must be at least 1 (C2)}}
  %0 = attn.data_size %n "P" {factor = -1}
  return
}
