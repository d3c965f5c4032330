// RUN: osscc-eval %s | FileCheck %s

// silu(0) = 0, silu(1) = 0.731059, silu(-100) = -3.7e-42, silu(100) = 100; the gate comes first where one operand joins both.
// CHECK:      @glu
// CHECK-NEXT: 1x4
// CHECK-NEXT: [0, 1.46212, -3.72{{[0-9]+}}e-42, 200]
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0, 7.31059]
func.func @glu() -> (tensor<1x4xf32>, tensor<1x2xf32>) {
  %gate = arith.constant dense<[[0.0, 1.0, -100.0, 100.0]]> : tensor<1x4xf32>
  %up = arith.constant dense<[[2.0, 2.0, 1.0, 2.0]]> : tensor<1x4xf32>
  %y = llm.glu <silu> %gate, %up : tensor<1x4xf32>, tensor<1x4xf32> -> tensor<1x4xf32>
  %both = arith.constant dense<[[0.0, 1.0, 10.0, 10.0]]> : tensor<1x4xf32>
  %joined = llm.glu <silu> %both : tensor<1x4xf32> -> tensor<1x2xf32>
  return %y, %joined : tensor<1x4xf32>, tensor<1x2xf32>
}

// min(9, 2) * s(1.702 * 2) * (1 + 3) = 8 * 0.967829; the up of -9 is -2: 1 * s(1.702) * -1; that of 9 is 2: -9 * s(-15.318) * 3.
// CHECK:      @clamped
// CHECK-NEXT: 1x3
// CHECK-NEXT: [5.80698, -0.845796, -6.00953e-06]
func.func @clamped() -> tensor<1x3xf32> {
  %gate = arith.constant dense<[[9.0, 1.0, -9.0]]> : tensor<1x3xf32>
  %up = arith.constant dense<[[3.0, -9.0, 9.0]]> : tensor<1x3xf32>
  %y = llm.glu <swiglu_oai, alpha = 1.702, limit = 2.0> %gate, %up : tensor<1x3xf32>, tensor<1x3xf32> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
