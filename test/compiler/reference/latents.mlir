// RUN: osscc-eval %s --tokens=0,0 --positions=0,1 --sequences=0,0 | FileCheck %s

// Keys (1, 0 | 0) and (0, 1 | 1), values (1, 0) and (0, 1). Head 0 asks with (0, 0 | ln 3): scores 0 and ln 3, weights 1/4 and 3/4. Head 1
// asks with (ln 3, 0 | 0): weights 3/4 and 1/4.
// CHECK:      @latents
// CHECK-NEXT: 2x4
// CHECK-NEXT: [1, 0, 1, 0]
// CHECK-NEXT: [0.25, 0.75, 0.75, 0.25]
func.func @latents(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 3, values = 2>) -> tensor<2x4xf32> {
  %v = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %k = arith.constant dense<[[0.0], [1.0]]> : tensor<2x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 3, values = 2>, tensor<2x1xf32>, tensor<2x2xf32>
  %q = arith.constant dense<[[0.0, 0.0, 1.09861229, 0.0], [0.0, 0.0, 1.09861229, 0.0]]> : tensor<2x4xf32>
  %rest = arith.constant dense<[[1.09861229, 0.0], [1.09861229, 0.0]]> : tensor<2x2xf32>
  %y = llm.attention %rows, %cache layer 0, %q rest %rest scale 1.0 : !llm.rows, <0, heads = 1, size = 3, values = 2>, tensor<2x4xf32> rest tensor<2x2xf32>
  return %y : tensor<2x4xf32>
}

// Two groups of two channels by a matrix each: 1*1 + 2*10, then 3*100 + 4*1000.
// CHECK:      @groups
// CHECK-NEXT: 1x2
// CHECK-NEXT: [21, 4300]
func.func @groups() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %w = arith.constant dense<[[[1.0, 10.0]], [[100.0, 1000.0]]]> : tensor<2x1x2xf32>
  %y = llm.linear %x, %w groups 2 : tensor<1x4xf32>, tensor<2x1x2xf32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Sigmoids of 0, ln 3, 0, -ln 3 are 1/2, 3/4, 1/2, 1/4. The bias moves the choice to experts 1 and 3, and weighs nothing: twice 3/4 and 1/4
// of their sum of 1, or as they are.
// CHECK:      @sigmoids
// CHECK-NEXT: 1x2
// CHECK-NEXT: [1, 3]
// CHECK-NEXT: 1x2
// CHECK-NEXT: [1.5, 0.5]
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0.75, 0.25]
func.func @sigmoids() -> (tensor<1x2xi32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %logits = arith.constant dense<[[0.0, 1.09861229, 0.0, -1.09861229]]> : tensor<1x4xf32>
  %bias = arith.constant dense<[0.0, 0.0, 0.0, 1.0]> : tensor<4xf32>
  %ids, %weights = llm.route %logits bias %bias top 2 <sigmoid_of_chosen, scale = 2.0> : tensor<1x4xf32> bias tensor<4xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  %same, %each = llm.route %logits bias %bias top 2 <sigmoid> : tensor<1x4xf32> bias tensor<4xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  return %ids, %weights, %each : tensor<1x2xi32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// By their best expert group 0 wins, by their two best group 1. The weights are shares of all, the others' too.
// CHECK:      @of_groups
// CHECK-NEXT: 1x1
// CHECK-NEXT: [0]
// CHECK-NEXT: 1x1
// CHECK-NEXT: [2]
// CHECK-NEXT: 1x1
// CHECK-NEXT: [0.25]
func.func @of_groups() -> (tensor<1x1xi32>, tensor<1x1xi32>, tensor<1x1xf32>) {
  %logits = arith.constant dense<[[3.0, -9.0, 2.0, 2.0]]> : tensor<1x4xf32>
  %first, %0 = llm.route %logits top 1 <sigmoid, groups = 2> : tensor<1x4xf32> -> tensor<1x1xi32>, tensor<1x1xf32>
  %second, %1 = llm.route %logits top 1 <sigmoid, groups = 2, best = 2> : tensor<1x4xf32> -> tensor<1x1xi32>, tensor<1x1xf32>
  %equal = arith.constant dense<1.0> : tensor<1x4xf32>
  %2, %share = llm.route %equal top 1 <softmax, groups = 2> : tensor<1x4xf32> -> tensor<1x1xi32>, tensor<1x1xf32>
  return %first, %second, %share : tensor<1x1xi32>, tensor<1x1xi32>, tensor<1x1xf32>
}

// Shares of 4, 3, 2 and 1 tenths. A bias of a quarter moves the choice from the second to the last, whose share it weighs nothing in.
// CHECK:      @softmax_with_bias
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0, 3]
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0.8, 0.2]
func.func @softmax_with_bias() -> (tensor<1x2xi32>, tensor<1x2xf32>) {
  %logits = arith.constant dense<[[1.38629436, 1.09861229, 0.69314718, 0.0]]> : tensor<1x4xf32>
  %bias = arith.constant dense<[0.0, 0.0, 0.0, 0.25]> : tensor<4xf32>
  %ids, %weights = llm.route %logits bias %bias top 2 <softmax_of_chosen> : tensor<1x4xf32> bias tensor<4xf32> -> tensor<1x2xi32>, tensor<1x2xf32>
  return %ids, %weights : tensor<1x2xi32>, tensor<1x2xf32>
}
