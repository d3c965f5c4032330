// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// Latents of 6 channels, of which 4 are the value: what q does not meet comes as the rest.
// CHECK-LABEL: func.func @latents
// CHECK-SAME:    (%[[ROWS:[a-z0-9]+]]: !llm.rows, %[[CACHE:[a-z0-9]+]]: !llm.cache<0, heads = 1, size = 6, values = 4>, %[[K:[a-z0-9]+]]: tensor<?x2xf32>, %[[V:[a-z0-9]+]]: tensor<?x4xf32>,
// CHECK:         llm.kv_append %[[ROWS]], %[[CACHE]] layer 1, %[[K]], %[[V]] : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x2xf32>, tensor<?x4xf32>
// CHECK:         llm.attention %[[ROWS]], %[[CACHE]] layer 1, %[[Q:[a-z0-9]+]] rest %[[REST:[a-z0-9]+]] scale 5.000000e-01 : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x8xf32> rest tensor<?x4xf32>
// CHECK:         llm.linear %{{.+}}, %{{.+}} groups 2 : tensor<?x8xf32>, tensor<2x3x4xbf16> -> tensor<?x6xf32>
func.func @latents(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 6, values = 4>, %k: tensor<?x2xf32>, %v: tensor<?x4xf32>,
                   %q: tensor<?x8xf32>, %rest: tensor<?x4xf32>, %w: tensor<2x3x4xbf16>) -> tensor<?x6xf32> {
  llm.kv_append %rows, %cache layer 1, %k, %v : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x2xf32>, tensor<?x4xf32>
  %y = llm.attention %rows, %cache layer 1, %q rest %rest scale 0.5 : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x8xf32> rest tensor<?x4xf32>
  %z = llm.linear %y, %w groups 2 : tensor<?x8xf32>, tensor<2x3x4xbf16> -> tensor<?x6xf32>
  return %z : tensor<?x6xf32>
}

// CHECK-LABEL: func.func @route
// CHECK:         llm.route %{{.+}} bias %{{.+}} top 2 <sigmoid_of_chosen, groups = 4, kept = 2, best = 2, scale = 2.500000e+00 : f64> : tensor<?x8xf32> bias tensor<8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK:         llm.route %{{.+}} top 2 <softmax, groups = 2> : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
func.func @route(%logits: tensor<?x8xf32>, %bias: tensor<8xf32>) {
  %ids, %weights = llm.route %logits bias %bias top 2 <sigmoid_of_chosen, groups = 4, kept = 2, best = 2, scale = 2.5>
      : tensor<?x8xf32> bias tensor<8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %others, %of = llm.route %logits top 2 <softmax, groups = 2> : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}
