// RUN: not attune-compile %s --target=reference --print 2>&1 | FileCheck %s

func.func @unknown() -> i32 {
  %a = arith.constant 1 : i32
  // CHECK: unknown-op.mlir:[[#@LINE+1]]:{{[0-9]+}}: op `math.ctpop` has no reference evaluation
  %b = math.ctpop %a : i32
  return %b : i32
}
