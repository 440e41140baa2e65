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

// -----
// A product on matrix units: operands go through ten words of the thread, made once.
// CHECK-LABEL: func.func private @units(
// CHECK-SAME: attributes {attune.kernel, attune.waits}
// CHECK: llvm.alloca
// CHECK-COUNT-10: llvm.store
// CHECK: call @attune_emulator_collective(
// CHECK-COUNT-4: llvm.load
// CHECK-NOT: llvm.alloca
// CHECK: call @attune_emulator_collective(
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @units(%x: f32, %out: memref<?xf32>) kernel {
      %w = nvvm.convert.float.to.tf32 %x {rnd = #nvvm.fp_rnd_mode<rna>}
      %d = nvvm.mma.sync A[%w, %w, %w, %w] B[%w, %w] C[%x, %x, %x, %x]
          {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>,
           multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>}
          : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %y = llvm.extractvalue %d[0] : !llvm.struct<(f32, f32, f32, f32)>
      %e = nvvm.mma.sync A[%w, %w, %w, %w] B[%w, %w] C[%y, %x, %x, %x]
          {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>,
           multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>}
          : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %z = llvm.extractvalue %e[0] : !llvm.struct<(f32, f32, f32, f32)>
      %c0 = arith.constant 0 : index
      memref.store %z, %out[%c0] : memref<?xf32>
      gpu.return
    }
  }
}

// -----
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @small(%x: f32, %w: i32) kernel {
      // expected-error @below {{this matrix product cannot be emulated, expected m16n8k16 of bf16 or m16n8k8 of tf32}}
      %d = nvvm.mma.sync A[%w, %w] B[%w] C[%x, %x, %x, %x]
          {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>,
           multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 4>}
          : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      gpu.return
    }
  }
}

// -----
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @nearest(%x: f32) kernel {
      // expected-error @below {{only rounding to nearest, away from zero, can be emulated}}
      %w = nvvm.convert.float.to.tf32 %x {rnd = #nvvm.fp_rnd_mode<rn>}
      gpu.return
    }
  }
}
