// RUN: env ATTUNE_PTXAS= attune-opt %s --attune-gpu-serialize=chips=sm_90,sm_80 -split-input-file -verify-diagnostics | FileCheck %s
// DOC: PTX of a kernel
module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @twice(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %a = llvm.load %x : !llvm.ptr -> f32
      %b = llvm.fadd %a, %a : f32
      llvm.store %b, %x : f32, !llvm.ptr
      llvm.return
    }
  }
}
// CHECK: attune.images = [{chip = "sm_80", data = "{{.*}}.target sm_80{{.*}}.entry twice({{.*}}add.rn.f32{{.*}}", ptx = true}]
// CHECK-NOT: gpu.module
// DOC-END

// -----
module attributes {gpu.container_module} {
  // expected-error @below {{internal error: the kernels call a function of a device library: .extern .func}}
  gpu.module @kernels {
    llvm.func @__nv_expf(f32) -> f32
    llvm.func @exp(%x: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %a = llvm.load %x : !llvm.ptr -> f32
      %b = llvm.call @__nv_expf(%a) : (f32) -> f32
      llvm.store %b, %x : f32, !llvm.ptr
      llvm.return
    }
  }
}
