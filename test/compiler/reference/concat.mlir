// RUN: osscc-eval %s | FileCheck %s

// Rows of the first part come first.
// CHECK:      @concat
// CHECK-NEXT: 3x2
// CHECK-NEXT: [1, 2]
// CHECK-NEXT: [3, 4]
// CHECK-NEXT: [5, 6]
func.func @concat() -> tensor<3x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[[3.0, 4.0], [5.0, 6.0]]> : tensor<2x2xf32>
  %y = llm.concat %a, %b : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// Values a channel join to one row of them: as a bias they add 7, 8 and 9.
// CHECK:      @values
// CHECK-NEXT: 1x3
// CHECK-NEXT: [7, 8, 9]
func.func @values() -> tensor<1x3xf32> {
  %a = arith.constant dense<[7.0]> : tensor<1xf32>
  %b = arith.constant dense<[8.0, 9.0]> : tensor<2xf32>
  %ab = llm.concat %a, %b : tensor<1xf32>, tensor<2xf32> -> tensor<3xf32>
  %x = arith.constant dense<0.0> : tensor<1x1xf32>
  %w = arith.constant dense<0.0> : tensor<3x1xf32>
  %y = llm.linear %x, %w bias %ab : tensor<1x1xf32>, tensor<3x1xf32>, tensor<3xf32> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
