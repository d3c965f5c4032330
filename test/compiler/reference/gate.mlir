// RUN: osscc-eval %s | FileCheck %s

// The sigmoid of 1 is 0.731059, of 0 a half: a gate of one channel weighs its row, a wide one each channel.
// CHECK:      @gate
// CHECK-NEXT: 2x2
// CHECK-NEXT: [1.46212, 2.92423]
// CHECK-NEXT: [1, 2]
// CHECK-NEXT: 2x2
// CHECK-NEXT: [1.46212, 2]
// CHECK-NEXT: [1, 2.92423]
func.func @gate() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[2.0, 4.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %one = arith.constant dense<[[1.0], [0.0]]> : tensor<2x1xf32>
  %each = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %rows = llm.gate %x by %one : tensor<2x2xf32>, tensor<2x1xf32>
  %channels = llm.gate %x by %each : tensor<2x2xf32>, tensor<2x2xf32>
  return %rows, %channels : tensor<2x2xf32>, tensor<2x2xf32>
}
