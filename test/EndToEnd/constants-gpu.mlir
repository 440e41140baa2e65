// Tables of numbers in the program itself come to the device.
// RUN: attune-compile %s --target=gpu-emulator -o %t.so
// RUN: attune-run %t.so --random N=7 -o %t.out
// RUN: attune-run %s --target=reference --random N=7 --expect %t.out
func.func @f(%x: tensor<?x4xf32> {attune.dims = ["N", ""], attune.name = "x"}) -> (tensor<?x4xf32> {attune.name = "y"}) {
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [0.5, 1.5, 2.5, 3.5], [9.0, 1.0, 0.0, 2.0]]> : tensor<4x4xf32>
  %b = arith.constant dense<[0.25, 0.5, 0.75, 1.0]> : tensor<4xf32>
  %y = nn.linear %x, %w bias(%b) : tensor<?x4xf32>, tensor<4x4xf32>, tensor<4xf32>
  return %y : tensor<?x4xf32>
}
