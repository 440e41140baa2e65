// A text that is no size is refused in the same words by the compiler, the reference on data, the
// reference before and after passes, and attune-run; the runtime says them of a manifest.
//
// RUN: not attune-compile %s -o %t.so 2>&1 | FileCheck %s
// RUN: not attune-compile %s --target=reference --random N=3 2>&1 | FileCheck %s
// RUN: not attune-compile %s --target=reference --before-after=canonicalize | FileCheck %s
// RUN: not attune-run %s --random N=3 2>&1 | FileCheck %s
// RUN: %cc -shared -fPIC -DROWS='"G+x*y"' %S/Inputs/twice.c -o %t.so
// RUN: not attune-run %t.so 2>&1 | FileCheck %s --check-prefix=MANIFEST

// CHECK: argument 0 of `f` has no valid size for dimension 0: `G+x*y` has `*` at character 4, expected `+`, `-` or the end: only a number stands before `*`, as in `2*N`
// MANIFEST: attune-run: error: {{.*}}`x` has no valid size for dimension 0: `G+x*y` has `*` at character 4, expected `+`, `-` or the end: only a number stands before `*`, as in `2*N`
func.func @f(%x: tensor<?xf32> {attune.dims = ["G+x*y"]}) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
