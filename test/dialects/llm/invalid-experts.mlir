// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of the ops of a mixture of experts in LlmOps.td, and those of its activations.

func.func @route_C1(%logits: tensor<?x3xf32>) {
  // expected-error @below {{chooses 4 of 3 experts}}
  %ids, %weights = llm.route %logits top 4 <softmax> : tensor<?x3xf32> -> tensor<?x4xi32>, tensor<?x4xf32>
  return
}

// -----

func.func @route_C1_none(%logits: tensor<?x3xf32>) {
  // expected-error @below {{chooses 0 of 3 experts}}
  %ids, %weights = llm.route %logits top 0 <softmax> : tensor<?x3xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  return
}

// -----

func.func @route_C2(%logits: tensor<?x3xf32>) {
  // expected-error @below {{chooses 2 experts, but ids and weights have 2 and 3 channels}}
  %ids, %weights = llm.route %logits top 2 <softmax> : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x3xf32>
  return
}

// -----

func.func @experts_C1(%x: tensor<?x4xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<3x12x5xf32>, %b1: tensor<3x12xf32>, %w2: tensor<3x4x6xf32>) {
  // expected-error @below {{x has 4 channels, but gate_up is 'tensor<3x12x5xf32>'}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x5xf32> bias tensor<3x12xf32>, tensor<3x4x6xf32>
  return
}

// -----

func.func @experts_C1_odd(%x: tensor<?x4xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<3x11x4xf32>, %b1: tensor<3x11xf32>, %w2: tensor<3x4x6xf32>) {
  // expected-error @below {{x has 4 channels, but gate_up is 'tensor<3x11x4xf32>'}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x11x4xf32> bias tensor<3x11xf32>, tensor<3x4x6xf32>
  return
}

// -----

func.func @experts_C2(%x: tensor<?x4xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<3x12x4xf32>, %b1: tensor<3x12xf32>, %w2: tensor<2x4x6xf32>) {
  // expected-error @below {{gate_up is 'tensor<3x12x4xf32>', but down is 'tensor<2x4x6xf32>'}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x4xf32> bias tensor<3x12xf32>, tensor<2x4x6xf32>
  return
}

// -----

func.func @experts_C3(%x: tensor<?x4xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<3x12x4xf32>, %b1: tensor<3x6xf32>, %w2: tensor<3x4x6xf32>) {
  // expected-error @below {{biases do not have a value for each row of their matrices}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<3x12x4xf32> bias tensor<3x6xf32>, tensor<3x4x6xf32>
  return
}

// -----

func.func @experts_C4(%x: tensor<?x4xf32>, %ids: tensor<?x3xi32>, %weights: tensor<?x2xf32>, %w1: tensor<3x12x4xf32>, %b1: tensor<3x12xf32>, %w2: tensor<3x4x6xf32>) {
  // expected-error @below {{ids and weights have 3 and 2 channels, of 3 experts}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x3xi32>, tensor<?x2xf32>, tensor<3x12x4xf32> bias tensor<3x12xf32>, tensor<3x4x6xf32>
  return
}

// -----

func.func @experts_C4_more(%x: tensor<?x4xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<1x12x4xf32>, %b1: tensor<1x12xf32>, %w2: tensor<1x4x6xf32>) {
  // expected-error @below {{ids and weights have 2 and 2 channels, of 1 experts}}
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 <silu>
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<1x12x4xf32> bias tensor<1x12xf32>, tensor<1x4x6xf32>
  return
}

// -----

// expected-error @below {{silu has neither alpha nor limit}}
func.func private @activation_silu() attributes {a = #llm.activation<silu, alpha = 1.0>}

// -----

// expected-error @below {{swiglu_oai needs a finite alpha and a positive, finite limit}}
func.func private @activation_limit() attributes {a = #llm.activation<swiglu_oai, alpha = 1.0, limit = 0.0>}

// -----

// expected-error @below {{swiglu_oai needs a finite alpha and a positive, finite limit}}
func.func private @activation_alpha() attributes {a = #llm.activation<swiglu_oai, limit = 1.0>}
