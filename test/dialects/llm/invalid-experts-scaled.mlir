// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// Scales of weights, beside a bias of the choice or without one, and weights of what experts read.
// CHECK-LABEL: func @moe
func.func @moe(%x: tensor<?x4xf32>, %logits: tensor<?x3xf32>, %s: tensor<3xf32>, %w1: tensor<3x12x4xbf16>, %w2: tensor<3x4x6xbf16>) -> tensor<?x4xf32> {
  // CHECK: llm.route %{{.+}} bias %[[S:.+]] scales %[[S]] top 2 <sigmoid> : tensor<?x3xf32> bias tensor<3xf32> scales tensor<3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %a, %b = llm.route %logits bias %s scales %s top 2 <sigmoid> : tensor<?x3xf32> bias tensor<3xf32> scales tensor<3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  // CHECK: llm.route %{{.+}} scales %[[S]] top 2 <softmax> : tensor<?x3xf32> scales tensor<3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %ids, %weights = llm.route %logits scales %s top 2 <softmax> : tensor<?x3xf32> scales tensor<3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  // CHECK: llm.experts {{.+}} <silu> {weighs_input} : tensor<?x4xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu> {weighs_input}
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x4xbf16>, tensor<3x4x6xbf16>
  return %y : tensor<?x4xf32>
}

// -----

func.func @route_C5(%logits: tensor<?x3xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{has 3 experts, but scales of 'tensor<4xf32>'}}
  %ids, %weights = llm.route %logits scales %s top 2 <softmax> : tensor<?x3xf32> scales tensor<4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}
