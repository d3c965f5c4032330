// RUN: osscc-eval %s | FileCheck %s

// The weights 0.268941 and 0.731059 of experts 1 and 3, times 2 and a half.
// CHECK:      @scales
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0.537883, 0.365529]
func.func @scales() -> tensor<1x2xf32> {
  %logits = arith.constant dense<[[0.0, 1.0, -1.0, 2.0]]> : tensor<1x4xf32>
  %scales = arith.constant dense<[9.0, 2.0, 9.0, 0.5]> : tensor<4xf32>
  %ids, %weights = llm.route %logits scales %scales top 2 <softmax_of_chosen> : tensor<1x4xf32> scales tensor<4xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  return %weights : tensor<1x2xf32>
}

// The sigmoid of 0 is a half, which the expert reads of 2: silu(3) * 5 = 14.2886, added up as it is.
// CHECK:      @weighs_input
// CHECK-NEXT: 1x1
// CHECK-NEXT: [14.2886]
func.func @weighs_input() -> tensor<1x1xf32> {
  %x = arith.constant dense<2.0> : tensor<1x1xf32>
  %logits = arith.constant dense<[[0.0, -1.0]]> : tensor<1x2xf32>
  %ids, %weights = llm.route %logits top 1 <sigmoid> : tensor<1x2xf32> -> tensor<1x1xi32>, tensor<1x1xf32>
  %w1 = arith.constant dense<[[[3.0], [5.0]], [[9.0], [9.0]]]> : tensor<2x2x1xf32>
  %w2 = arith.constant dense<[[[1.0]], [[9.0]]]> : tensor<2x1x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu> {weighs_input}
      : tensor<1x1xf32>, tensor<1x1xi32>, tensor<1x1xf32>, tensor<2x2x1xf32>, tensor<2x1x1xf32>
  return %y : tensor<1x1xf32>
}
