// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// The ops of a mixture of experts print as they were written, and so do all activations.

// CHECK-LABEL: func.func @moe
// CHECK:         %[[IDS:.+]], %[[WEIGHTS:.+]] = llm.route %[[LOGITS:.+]] top 2 <softmax_of_chosen> : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK:         llm.experts %{{.+}}, %[[IDS]], %[[WEIGHTS]] gate_up %{{.+}} bias %{{.+}} down %{{.+}} bias %{{.+}} <swiglu_oai, alpha = 1.702000e+00 : f64, limit = 7.000000e+00 : f64>
// CHECK-SAME:      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x4xbf16> bias tensor<3x12xbf16>, tensor<3x4x6xbf16> bias tensor<3x4xbf16>
func.func @moe(%x: tensor<?x4xf32>, %logits: tensor<?x3xf32>, %w1: tensor<3x12x4xbf16>, %b1: tensor<3x12xbf16>,
               %w2: tensor<3x4x6xbf16>, %b2: tensor<3x4xbf16>) -> tensor<?x4xf32> {
  %ids, %weights = llm.route %logits top 2 <softmax_of_chosen> : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 bias %b2 <swiglu_oai, alpha = 1.702, limit = 7.0>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x4xbf16> bias tensor<3x12xbf16>, tensor<3x4x6xbf16> bias tensor<3x4xbf16>
  return %y : tensor<?x4xf32>
}

// Without biases, and stored in tiles.
// CHECK-LABEL: func.func @stored
// CHECK:         llm.route %{{.+}} top 1 <softmax>
// CHECK:         llm.experts %{{.+}} gate_up %{{.+}} down %{{.+}} <silu> : {{.+}}, !pack.block<3x64x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>, !pack.block<3x32x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
func.func @stored(%x: tensor<?x32xf32>, %logits: tensor<?x3xf32>,
                  %w1: !pack.block<3x64x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>,
                  %w2: !pack.block<3x32x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>) -> tensor<?x32xf32> {
  %ids, %weights = llm.route %logits top 1 <softmax> : tensor<?x3xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu> : tensor<?x32xf32>, tensor<?x1xi32>, tensor<?x1xf32>,
      !pack.block<3x64x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>,
      !pack.block<3x32x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
  return %y : tensor<?x32xf32>
}
