// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// Norms of groups, with and without a scale; each kind of activation; weighing and scaling.
// CHECK-LABEL: func.func @norms
// CHECK-SAME:    (%[[X:.+]]: tensor<?x8xf32>, %[[W:.+]]: tensor<4xf32>)
// CHECK:         llm.rms_norm %[[X]], %[[W]] eps 5.000000e-01 groups of 4 : tensor<?x8xf32>, tensor<4xf32>
// CHECK:         llm.rms_norm %[[X]], %[[W]] eps 5.000000e-01 groups of 4 offset 1.000000e+00 : tensor<?x8xf32>, tensor<4xf32>
// CHECK:         llm.rms_norm %[[X]] eps 5.000000e-01 : tensor<?x8xf32>
func.func @norms(%x: tensor<?x8xf32>, %w: tensor<4xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %heads = llm.rms_norm %x, %w eps 0.5 groups of 4 : tensor<?x8xf32>, tensor<4xf32>
  %above = llm.rms_norm %x, %w eps 0.5 groups of 4 offset 1.0 : tensor<?x8xf32>, tensor<4xf32>
  %plain = llm.rms_norm %x eps 0.5 : tensor<?x8xf32>
  return %heads, %above, %plain : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: func.func @activations
// CHECK-SAME:    (%[[X:.+]]: tensor<?x8xf32>)
// CHECK:         llm.activate <gelu> %[[X]] : tensor<?x8xf32>
// CHECK:         llm.activate <relu2> %[[X]] : tensor<?x8xf32>
// CHECK:         llm.glu <gelu_tanh> %[[X]] : tensor<?x8xf32> -> tensor<?x4xf32>
func.func @activations(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x4xf32>) {
  %a = llm.activate <gelu> %x : tensor<?x8xf32>
  %b = llm.activate <relu2> %x : tensor<?x8xf32>
  %c = llm.glu <gelu_tanh> %x : tensor<?x8xf32> -> tensor<?x4xf32>
  return %a, %b, %c : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func.func @factors
// CHECK-SAME:    (%[[X:.+]]: tensor<?x8xf32>, %[[G:.+]]: tensor<?x1xf32>)
// CHECK:         %[[Y:.+]] = llm.gate %[[X]] by %[[G]] : tensor<?x8xf32>, tensor<?x1xf32>
// CHECK:         llm.scale %[[Y]] by 2.500000e-01 : tensor<?x8xf32>
func.func @factors(%x: tensor<?x8xf32>, %g: tensor<?x1xf32>) -> tensor<?x8xf32> {
  %y = llm.gate %x by %g : tensor<?x8xf32>, tensor<?x1xf32>
  %z = llm.scale %y by 0.25 : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
