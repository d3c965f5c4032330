// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of norms, activations and factors in LlmOps.td.

func.func @rms_norm_C1_group(%x: tensor<?x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{scale is 'tensor<8xf32>', but a group has 4 channels}}
  %y = llm.rms_norm %x, %w eps 1.0e-05 groups of 4 : tensor<?x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @rms_norm_C3(%x: tensor<?x8xf32>) {
  // expected-error @below {{x has 8 channels, not a whole number of groups of 3}}
  %y = llm.rms_norm %x eps 1.0e-05 groups of 3 : tensor<?x8xf32>
  return
}

// -----

func.func @rms_norm_C3_negative(%x: tensor<?x8xf32>) {
  // expected-error @below {{x has 8 channels, not a whole number of groups of -4}}
  %y = llm.rms_norm %x eps 1.0e-05 groups of -4 : tensor<?x8xf32>
  return
}

// -----

func.func @rms_norm_C4(%x: tensor<?x8xf32>) {
  // expected-error @below {{an offset is finite and added to a scale}}
  %y = llm.rms_norm %x eps 1.0e-05 offset 1.0 : tensor<?x8xf32>
  return
}

// -----

func.func @activate_C1(%x: tensor<?x8xf32>) {
  // expected-error @below {{swiglu_oai needs a second operand}}
  %y = llm.activate <swiglu_oai, alpha = 1.0, limit = 1.0> %x : tensor<?x8xf32>
  return
}

// -----

func.func @gate_C1(%x: tensor<?x8xf32>, %g: tensor<?x2xf32>) {
  // expected-error @below {{x has 8 channels, but gate has 2}}
  %y = llm.gate %x by %g : tensor<?x8xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @scale_C1(%x: tensor<?x8xf32>) {
  // expected-error @below {{factor must be finite}}
  %y = llm.scale %x by 0x7F800000 : tensor<?x8xf32>
  return
}

// -----

// expected-error @below {{a rope turns an even number of its 8 dims, found 10}}
func.func private @rope_turned() attributes {a = #llm.rope<dims = 8, theta = 1.0e+04, turned = 10>}

// -----

// expected-error @below {{a rope turns an even number of its 8 dims, found 3}}
func.func private @rope_turned_odd() attributes {a = #llm.rope<dims = 8, theta = 1.0e+04, factor = 2.0, turned = 3>}
