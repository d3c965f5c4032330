// RUN: osscc-eval %s | FileCheck %s

// 1*1 + 2*10, 1*2 + 2*20, 1*3 + 2*30; then the same for the row (3, -1).
// CHECK:      @linear
// CHECK-NEXT: 2x3
// CHECK-NEXT: [21, 42, 63]
// CHECK-NEXT: [-7, -14, -21]
func.func @linear() -> tensor<2x3xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, -1.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]> : tensor<3x2xbf16>
  %y = llm.linear %x, %w : tensor<2x2xf32>, tensor<3x2xbf16> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// What cancels leaves the rest: 1e8 + 1 - 1e8.
// CHECK:      @cancels
// CHECK-NEXT: 1x1
// CHECK-NEXT: [1]
func.func @cancels() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[1.0e+8, 1.0, -1.0e+8]]> : tensor<1x3xf32>
  %w = arith.constant dense<1.0> : tensor<1x3xf32>
  %y = llm.linear %x, %w : tensor<1x3xf32>, tensor<1x3xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// 1 + 2 + the channel's bias.
// CHECK:      @biased
// CHECK-NEXT: 1x2
// CHECK-NEXT: [103, 203]
func.func @biased() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %b = arith.constant dense<[100.0, 200.0]> : tensor<2xf16>
  %y = llm.linear %x, %w bias %b : tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf16> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
