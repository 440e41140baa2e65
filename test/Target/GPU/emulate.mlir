// RUN: attune-opt %s --attune-gpu-emulate -split-input-file -verify-diagnostics | FileCheck %s
// DOC: a kernel with a barrier
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @reverse(%out: memref<?xf32>) kernel {
      %thread = gpu.thread_id x
      gpu.barrier
      %zero = arith.constant 0.0 : f32
      memref.store %zero, %out[%thread] : memref<?xf32>
      gpu.return
    }
  }
}
// CHECK-LABEL: func.func private @reverse(
// CHECK-SAME: attributes {attune.kernel, attune.waits}
// CHECK: call @attune_emulator_id(
// CHECK: call @attune_emulator_barrier(
// CHECK: call @attune_emulator_access(
// CHECK-NEXT: memref.store
// CHECK-NOT: gpu.module
// DOC-END

// -----
// Without a barrier or lanes that meet, threads need no stacks.
// CHECK-LABEL: func.func private @alone(
// CHECK-SAME: attributes {attune.kernel} {
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @alone() kernel {
      gpu.return
    }
  }
}

// -----
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @unknown(%x: f32) kernel {
      // expected-error @below {{`gpu.all_reduce` in a kernel cannot be emulated}}
      %y = gpu.all_reduce add %x uniform {} : (f32) -> f32
      gpu.return
    }
  }
}

// -----
module attributes {gpu.container_module} {
  gpu.module @kernels {
    // expected-error @below {{has attributions, which cannot be emulated; expected dynamic shared memory}}
    gpu.func @attributed() workgroup(%tile: memref<4xf32, #gpu.address_space<workgroup>>) kernel {
      gpu.return
    }
  }
}

// -----
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @wide(%x: f64, %offset: i32) kernel {
      // expected-error @below {{a shuffle of 'f64' cannot be emulated, expected 32 bits}}
      %y, %valid = gpu.shuffle xor %x, %offset, %offset : f64
      gpu.return
    }
  }
}
