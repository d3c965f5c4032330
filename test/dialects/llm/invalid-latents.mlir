// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of LlmOps.td that speaks of latents, groups and their routing.

// expected-error @below {{a latent of 4 channels has 4 that are the value, expected some and not all}}
func.func private @cache_all(!llm.cache<0, heads = 1, size = 4, values = 4>)

// -----

func.func @kv_append_C1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 6, values = 4>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>) {
  // expected-error @below {{k and v have 4 and 4 channels, but the cache holds 2 and 4}}
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x4xf32>, tensor<?x4xf32>
  return
}

// -----

func.func @attention_C1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 6, values = 4>, %q: tensor<?x6xf32>, %rest: tensor<?x2xf32>) {
  // expected-error @below {{q has 6 channels, not a whole multiple of the cache's 4}}
  %y = llm.attention %rows, %cache layer 0, %q rest %rest scale 0.5 : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x6xf32> rest tensor<?x2xf32>
  return
}

// -----

func.func @attention_C6(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 6, values = 4>, %q: tensor<?x8xf32>, %rest: tensor<?x2xf32>) {
  // expected-error @below {{has 2 query heads over '!llm.cache<0, heads = 1, size = 6, values = 4>', but a rest of 2 channels}}
  %y = llm.attention %rows, %cache layer 0, %q rest %rest scale 0.5 : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x8xf32> rest tensor<?x2xf32>
  return
}

// -----

func.func @attention_C6_none(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 4>, %q: tensor<?x8xf32>, %rest: tensor<?x2xf32>) {
  // expected-error @below {{but a rest of 2 channels}}
  %y = llm.attention %rows, %cache layer 0, %q rest %rest scale 0.5 : !llm.rows, <0, heads = 1, size = 4>, tensor<?x8xf32> rest tensor<?x2xf32>
  return
}

// -----

func.func @linear_C1(%x: tensor<?x6xf32>, %w: tensor<2x3x4xf32>) {
  // expected-error @below {{x has 6 channels, but the weight is 'tensor<2x3x4xf32>'}}
  %y = llm.linear %x, %w groups 2 : tensor<?x6xf32>, tensor<2x3x4xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @linear_C2(%x: tensor<?x8xf32>, %w: tensor<2x3x4xf32>) {
  // expected-error @below {{y has 8 channels, but the weight is 'tensor<2x3x4xf32>'}}
  %y = llm.linear %x, %w groups 2 : tensor<?x8xf32>, tensor<2x3x4xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_C4(%x: tensor<?x12xf32>, %w: tensor<2x3x4xf32>) {
  // expected-error @below {{has 3 groups, but the weight is 'tensor<2x3x4xf32>'}}
  %y = llm.linear %x, %w groups 3 : tensor<?x12xf32>, tensor<2x3x4xf32> -> tensor<?x9xf32>
  return
}

// -----

func.func @linear_C4_bias(%x: tensor<?x8xf32>, %w: tensor<2x3x4xf32>, %b: tensor<6xf32>) {
  // expected-error @below {{has 2 groups, but the weight is 'tensor<2x3x4xf32>', and there is a bias}}
  %y = llm.linear %x, %w bias %b groups 2 : tensor<?x8xf32>, tensor<2x3x4xf32>, tensor<6xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @route_C3_divide(%logits: tensor<?x8xf32>) {
  // expected-error @below {{chooses 2 of 8 experts in 2 of 3 groups, by the best 1 of each}}
  %ids, %weights = llm.route %logits top 2 <softmax, groups = 3, kept = 2> : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @route_C3_best(%logits: tensor<?x8xf32>) {
  // expected-error @below {{chooses 1 of 8 experts in 1 of 8 groups, by the best 2 of each}}
  %ids, %weights = llm.route %logits top 1 <sigmoid, groups = 8, best = 2> : tensor<?x8xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  return
}

// -----

func.func @route_C3_few(%logits: tensor<?x8xf32>) {
  // expected-error @below {{chooses 3 of 8 experts in 1 of 4 groups, by the best 1 of each}}
  %ids, %weights = llm.route %logits top 3 <softmax, groups = 4> : tensor<?x8xf32> -> tensor<?x3xi32>, tensor<?x3xf32>
  return
}

// -----

func.func @route_C4(%logits: tensor<?x8xf32>, %bias: tensor<7xf32>) {
  // expected-error @below {{has 8 experts, but a bias of 'tensor<7xf32>'}}
  %ids, %weights = llm.route %logits bias %bias top 2 <sigmoid> : tensor<?x8xf32> bias tensor<7xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

// expected-error @below {{keeps 3 of 2 groups, by the best 1 of each}}
func.func private @routing_kept() attributes {a = #llm.routing<softmax, groups = 2, kept = 3>}

// -----

// expected-error @below {{a routing's scale is positive and finite}}
func.func private @routing_scale() attributes {a = #llm.routing<softmax, scale = 0.0>}
