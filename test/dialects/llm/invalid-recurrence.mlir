// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of LlmRecurrence.td, and those of states.

// expected-error @below {{a state has heads of keys by values, found 0 of 2 by 3 in group 0}}
func.func private @state_heads(!llm.state<0, heads = 0, keys = 2, values = 3, channels = 8, kept = 1>)

// -----

// expected-error @below {{a state keeps rows of channels, found 0 of 8}}
func.func private @state_rows(!llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 0>)

// -----

func.func @short_conv_C1_channels(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %x: tensor<?x6xf32>, %w: tensor<2x8xf32>) {
  // expected-error @below {{x has 6 channels and the weight is 'tensor<2x8xf32>', but the state is}}
  %y = llm.short_conv %rows, %state layer 0, %x, %w : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x6xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @short_conv_C1_taps(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %x: tensor<?x8xf32>, %w: tensor<3x8xf32>) {
  // expected-error @below {{x has 8 channels and the weight is 'tensor<3x8xf32>', but the state is}}
  %y = llm.short_conv %rows, %state layer 0, %x, %w : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x8xf32>, tensor<3x8xf32>
  return
}

// -----

func.func @short_conv_C2(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %x: tensor<?x8xf32>, %w: tensor<2x8xf32>) {
  // expected-error @below {{layer must not be negative}}
  %y = llm.short_conv %rows, %state layer -1, %x, %w : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x8xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @short_conv_C3(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %x: tensor<?x8xf32>, %w: tensor<2x8xf32>) {
  // expected-error @below {{swiglu_oai needs a second operand}}
  %y = llm.short_conv %rows, %state layer 0, %x, %w then <swiglu_oai, alpha = 1.7, limit = 7.0> : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x8xf32>, tensor<2x8xf32>
  return
}

// -----

func.func @delta_rule_C1_v(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x4xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{v has 4 channels and a 2, but the state is}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C1_a(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x3xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{v has 6 channels and a 3, but the state is}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x3xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C2_alike(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x2xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{q and k have 4 and 2 channels, but the state is}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C2_heads(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x6xf32>, %k: tensor<?x6xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{q and k have 6 and 6 channels, but the state is}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C3_rates(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<3xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{has 2 heads, but 'tensor<3xf32>'}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<3xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C3_shifts(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<1xf32>) {
  // expected-error @below {{has 2 heads, but 'tensor<1xf32>'}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<1xf32>
  return
}

// -----

func.func @delta_rule_C4(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{eps must be positive and finite}}
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rates, %shifts beta %a eps 0.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @delta_rule_C5(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, %q: tensor<?x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>,
    %a: tensor<?x2xf32>, %rates: tensor<2xf32>, %shifts: tensor<2xf32>) {
  // expected-error @below {{layer must not be negative}}
  %y = llm.delta_rule %rows, %state layer -1, %q, %k, %v decay %a, %rates, %shifts beta %a eps 1.0
      : !llm.rows, <0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>
  return
}
