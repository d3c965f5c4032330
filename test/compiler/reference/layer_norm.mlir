// RUN: osscc-eval %s | FileCheck %s

// The mean of (1, 7) is 4 and their variance 9, with eps 16: (-3, 3) / 4, the second channel doubled, plus the bias. Equal values give
// the bias alone.
// CHECK:      @layer_norm
// CHECK-NEXT: 2x2
// CHECK-NEXT: [-0.25, 0.5]
// CHECK-NEXT: [0.5, -1]
func.func @layer_norm() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 7.0], [3.0, 3.0]]> : tensor<2x2xf32>
  %scale = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %bias = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %y = llm.layer_norm %x, %scale bias %bias eps 7.0 : tensor<2x2xf32>, tensor<2xf32> bias tensor<2xf32>
  return %y : tensor<2x2xf32>
}

// Each pair of channels has a mean and a variance of its own, of (3, 5) 4 and 1, and both read one scale, here with 1 added: (2, 1).
// CHECK:      @groups
// CHECK-NEXT: 1x4
// CHECK-NEXT: [-1.5, 0.75, -0.707107, 0.353553]
func.func @groups() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 7.0, 3.0, 5.0]]> : tensor<1x4xf32>
  %scale = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %y = llm.layer_norm %x, %scale eps 7.0 groups of 2 offset 1.0 : tensor<1x4xf32>, tensor<2xf32>
  return %y : tensor<1x4xf32>
}

// CHECK:      @plain
// CHECK-NEXT: 1x2
// CHECK-NEXT: [-0.75, 0.75]
func.func @plain() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 7.0]]> : tensor<1x2xf32>
  %y = llm.layer_norm %x eps 7.0 : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
