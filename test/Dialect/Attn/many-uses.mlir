// RUN: attune-opt %s -canonicalize | FileCheck %s

// One expression many times over takes no longer than once.
// CHECK-LABEL: func.func @doubled
// CHECK-COUNT-40: attn.add
// CHECK-NOT: attn.fill
func.func @doubled(%q: tensor<3x6xf32>, %c: f32) -> tensor<3x6xf32> {
  %0 = attn.dot %q, %q : tensor<3x6xf32>, tensor<3x6xf32>
  %1 = attn.add %0, %0 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %2 = attn.add %1, %1 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %3 = attn.add %2, %2 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %4 = attn.add %3, %3 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %5 = attn.add %4, %4 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %6 = attn.add %5, %5 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %7 = attn.add %6, %6 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %8 = attn.add %7, %7 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %9 = attn.add %8, %8 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %10 = attn.add %9, %9 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %11 = attn.add %10, %10 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %12 = attn.add %11, %11 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %13 = attn.add %12, %12 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %14 = attn.add %13, %13 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %15 = attn.add %14, %14 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %16 = attn.add %15, %15 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %17 = attn.add %16, %16 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %18 = attn.add %17, %17 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %19 = attn.add %18, %18 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %20 = attn.add %19, %19 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %21 = attn.add %20, %20 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %22 = attn.add %21, %21 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %23 = attn.add %22, %22 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %24 = attn.add %23, %23 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %25 = attn.add %24, %24 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %26 = attn.add %25, %25 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %27 = attn.add %26, %26 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %28 = attn.add %27, %27 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %29 = attn.add %28, %28 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %30 = attn.add %29, %29 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %31 = attn.add %30, %30 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %32 = attn.add %31, %31 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %33 = attn.add %32, %32 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %34 = attn.add %33, %33 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %35 = attn.add %34, %34 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %36 = attn.add %35, %35 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %37 = attn.add %36, %36 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %38 = attn.add %37, %37 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %39 = attn.add %38, %38 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %40 = attn.add %39, %39 : !attn.matrix<3x3xf32>, !attn.matrix<3x3xf32>
  %f = attn.fill %40, %c : !attn.matrix<3x3xf32>
  %r = attn.apply %f, %q : !attn.matrix<3x3xf32>, tensor<3x6xf32>
  return %r : tensor<3x6xf32>
}
