// RUN: attune-opt %s --attune-gpu-lower-launches -split-input-file -verify-diagnostics | FileCheck %s
// DOC: a launch and a read
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @scale(%x: memref<?xf32>, %factor: f32) kernel {
      gpu.return
    }
  }
  func.func @run(%x: memref<?xf32>, %factor: f32, %n: index) -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@scale blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<?xf32>, %factor : f32)
    %first = memref.load %x[%c0] : memref<?xf32>
    return %first : f32
  }
}
// CHECK: module attributes {attune.kernels = ["scale"], attune.parameters = array<i64: 6>}
// CHECK-LABEL: func.func @run(
// CHECK: llvm.alloca
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: call @attune_device_launch(
// CHECK: call @attune_device_read(
// DOC-END

// -----
func.func @write(%x: memref<?xf32>, %value: f32) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{internal error: the host writes to memory of the device}}
  memref.store %value, %x[%c0] : memref<?xf32>
  return
}

// -----
// Kernels get a copy of a constant of the program.
// CHECK-LABEL: func.func @table(
// CHECK: memref.alloc() : memref<4xf32>
// CHECK: memref.get_global @numbers
// CHECK: call @attune_device_write(
// CHECK: call @attune_device_launch(
// CHECK: memref.dealloc
module attributes {gpu.container_module} {
  memref.global "private" constant @numbers : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
  gpu.module @kernels {
    gpu.func @read(%x: memref<4xf32>) kernel {
      gpu.return
    }
  }
  func.func @table() {
    %c1 = arith.constant 1 : index
    %x = memref.get_global @numbers : memref<4xf32>
    gpu.launch_func @kernels::@read blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%x : memref<4xf32>)
    return
  }
}
