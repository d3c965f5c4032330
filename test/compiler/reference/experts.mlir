// RUN: osscc-eval %s | FileCheck %s

// Rising expert, whatever the rank; of equal logits the lower expert. exp(2) / (exp(1) + exp(2)) = 0.731059.
// CHECK:      @routes
// CHECK-NEXT: 2x2
// CHECK-NEXT: [1, 3]
// CHECK-NEXT: [0, 2]
// CHECK-NEXT: 2x2
// CHECK-NEXT: [0.268941, 0.731059]
// CHECK-NEXT: [0.5, 0.5]
func.func @routes() -> (tensor<2x2xi32>, tensor<2x2xf32>) {
  %logits = arith.constant dense<[[0.0, 1.0, -1.0, 2.0], [5.0, -5.0, 5.0, 5.0]]> : tensor<2x4xf32>
  %ids, %weights = llm.route %logits top 2 <softmax_of_chosen> : tensor<2x4xf32> -> tensor<2x2xi32>, tensor<2x2xf32>
  return %ids, %weights : tensor<2x2xi32>, tensor<2x2xf32>
}

// Over all experts: of 4 alike the two chosen have a quarter each.
// CHECK:      @of_all
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0.25, 0.25]
func.func @of_all() -> tensor<1x2xf32> {
  %logits = arith.constant dense<[[3.0, 3.0, 3.0, 3.0]]> : tensor<1x4xf32>
  %ids, %weights = llm.route %logits top 2 <softmax> : tensor<1x4xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  return %weights : tensor<1x2xf32>
}

// One channel and one hidden unit. Experts 0 and 2 have half of the row each: gates 1 * 2 + 0 and 3 * 2 + 4 = 10, ups 2 * 2 + 1 = 5 and
// 1 * 2 + 1 = 3. With limit 4: g = 2 and 4, u = 4 and 3; 2 s(2) 5 = 8.80797, 4 s(4) 4 = 15.7122. Down by 1 and 2, plus biases 0 and 1:
// 0.5 * 8.80797 + 0.5 * (31.4244 + 1) = 20.6162.
// CHECK:      @moe
// CHECK-NEXT: 1x1
// CHECK-NEXT: [20.6162]
func.func @moe() -> tensor<1x1xf32> {
  %x = arith.constant dense<2.0> : tensor<1x1xf32>
  %logits = arith.constant dense<[[1.0, 0.0, 1.0]]> : tensor<1x3xf32>
  %ids, %weights = llm.route %logits top 2 <softmax_of_chosen> : tensor<1x3xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  %w1 = arith.constant dense<[[[1.0], [2.0]], [[9.0], [9.0]], [[3.0], [1.0]]]> : tensor<3x2x1xf32>
  %b1 = arith.constant dense<[[0.0, 1.0], [9.0, 9.0], [4.0, 1.0]]> : tensor<3x2xf32>
  %w2 = arith.constant dense<[[[1.0]], [[9.0]], [[2.0]]]> : tensor<3x1x1xbf16>
  %b2 = arith.constant dense<[[0.0], [9.0], [1.0]]> : tensor<3x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 bias %b2 <swiglu_oai, alpha = 1.0, limit = 4.0>
      : tensor<1x1xf32>, tensor<1x2xi32>, tensor<1x2xf32>, tensor<3x2x1xf32> bias tensor<3x2xf32>, tensor<3x1x1xbf16> bias tensor<3x1xf32>
  return %y : tensor<1x1xf32>
}

// Without biases, one expert, silu: 2 * 3 = 6 gates 2 * 5 = 10.
// CHECK:      @plain
// CHECK-NEXT: 1x1
// CHECK-NEXT: [59.8516]
func.func @plain() -> tensor<1x1xf32> {
  %x = arith.constant dense<2.0> : tensor<1x1xf32>
  %logits = arith.constant dense<[[1.0, 0.0]]> : tensor<1x2xf32>
  %ids, %weights = llm.route %logits top 1 <softmax_of_chosen> : tensor<1x2xf32> -> tensor<1x1xi32>, tensor<1x1xf32>
  %w1 = arith.constant dense<[[[3.0], [5.0]], [[9.0], [9.0]]]> : tensor<2x2x1xf32>
  %w2 = arith.constant dense<[[[1.0]], [[9.0]]]> : tensor<2x1x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu>
      : tensor<1x1xf32>, tensor<1x1xi32>, tensor<1x1xf32>, tensor<2x2x1xf32>, tensor<2x1x1xf32>
  return %y : tensor<1x1xf32>
}
