// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// Norms that subtract a mean, as they print, and a case @layer_norm_C<n> for each rule.

// CHECK-LABEL: func @layer_norms
// CHECK-SAME:    (%[[X:.+]]: tensor<?x8xf32>, %[[S:.+]]: tensor<8xbf16>, %[[G:.+]]: tensor<4xf32>)
func.func @layer_norms(%x: tensor<?x8xf32>, %s: tensor<8xbf16>, %g: tensor<4xf32>) {
  // CHECK: llm.layer_norm %[[X]], %[[S]] bias %[[S]] eps 1.000000e+00 : tensor<?x8xf32>, tensor<8xbf16> bias tensor<8xbf16>
  %a = llm.layer_norm %x, %s bias %s eps 1.0 : tensor<?x8xf32>, tensor<8xbf16> bias tensor<8xbf16>
  // CHECK: llm.layer_norm %[[X]], %[[G]] eps 1.000000e+00 groups of 4 offset 1.000000e+00 : tensor<?x8xf32>, tensor<4xf32>
  %b = llm.layer_norm %x, %g eps 1.0 groups of 4 offset 1.0 : tensor<?x8xf32>, tensor<4xf32>
  // CHECK: llm.layer_norm %[[X]] bias %[[S]] eps 1.000000e+00 : tensor<?x8xf32> bias tensor<8xbf16>
  %c = llm.layer_norm %x bias %s eps 1.0 : tensor<?x8xf32> bias tensor<8xbf16>
  return
}

// -----

func.func @layer_norm_C1(%x: tensor<?x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{scale is 'tensor<4xf32>', but x has 8 channels}}
  %y = llm.layer_norm %x, %s eps 1.0 : tensor<?x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @layer_norm_C1_bias(%x: tensor<?x8xf32>, %s: tensor<4xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{bias is 'tensor<8xf32>', but a group has 4 channels}}
  %y = llm.layer_norm %x, %s bias %b eps 1.0 groups of 4 : tensor<?x8xf32>, tensor<4xf32> bias tensor<8xf32>
  return
}

// -----

func.func @layer_norm_C2(%x: tensor<?x8xf32>) {
  // expected-error @below {{eps must be positive and finite}}
  %y = llm.layer_norm %x eps 0.0 : tensor<?x8xf32>
  return
}

// -----

func.func @layer_norm_C3(%x: tensor<?x8xf32>) {
  // expected-error @below {{x has 8 channels, not a whole number of groups of 3}}
  %y = llm.layer_norm %x eps 1.0 groups of 3 : tensor<?x8xf32>
  return
}

// -----

func.func @layer_norm_C4(%x: tensor<?x8xf32>) {
  // expected-error @below {{an offset is finite and added to a scale}}
  %y = llm.layer_norm %x eps 1.0 offset 1.0 : tensor<?x8xf32>
  return
}
