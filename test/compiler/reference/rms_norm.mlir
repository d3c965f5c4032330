// RUN: osscc-eval %s | FileCheck %s

// The mean square of (1, 7) is 25, of (3, 3) 9, plus eps: roots 5.09902 and 3.16228; the second channel is doubled.
// CHECK:      @rms_norm
// CHECK-NEXT: 2x2
// CHECK-NEXT: [0.196116, 2.74563]
// CHECK-NEXT: [0.948683, 1.89737]
func.func @rms_norm() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 7.0], [3.0, 3.0]]> : tensor<2x2xf32>
  %scale = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = llm.rms_norm %x, %scale eps 1.0 : tensor<2x2xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}

// A row of zeros stays finite.
// CHECK:      @zeros
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0, 0]
func.func @zeros() -> tensor<1x2xf32> {
  %x = arith.constant dense<0.0> : tensor<1x2xf32>
  %scale = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = llm.rms_norm %x, %scale eps 1.0e-05 : tensor<1x2xf32>, tensor<2xf32>
  return %y : tensor<1x2xf32>
}

// Each pair of channels has a mean of its own, (1, 7) and (3, 3) as above, and both read one scale, here with 1 added: (2, 1).
// CHECK:      @groups
// CHECK-NEXT: 1x4
// CHECK-NEXT: [0.392232, 1.37281, 1.89737, 0.948683]
func.func @groups() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 7.0, 3.0, 3.0]]> : tensor<1x4xf32>
  %scale = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %y = llm.rms_norm %x, %scale eps 1.0 groups of 2 offset 1.0 : tensor<1x4xf32>, tensor<2xf32>
  return %y : tensor<1x4xf32>
}

// CHECK:      @no_scale
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0.196116, 1.37281]
func.func @no_scale() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 7.0]]> : tensor<1x2xf32>
  %y = llm.rms_norm %x eps 1.0 : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
