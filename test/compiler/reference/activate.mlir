// RUN: osscc-eval %s | FileCheck %s

// gelu(x) = x * Phi(x), with Phi(-1) = 0.158655, Phi(0.5) = 0.691462, Phi(3) = 0.998650; its approximation by tanh differs in the
// fourth digit. relu2 squares what is above 0. silu(1) = 0.731059.
// CHECK:      @activate
// CHECK-NEXT: 1x3
// CHECK-NEXT: [-0.158655, 0.345731, 2.99595]
// CHECK-NEXT: 1x3
// CHECK-NEXT: [-0.158808, 0.345714, 2.99636]
// CHECK-NEXT: 1x3
// CHECK-NEXT: [0, 0.25, 9]
// CHECK-NEXT: 1x3
// CHECK-NEXT: [-0.268941, 0.31123, 2.85772]
func.func @activate() -> (tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
  %x = arith.constant dense<[[-1.0, 0.5, 3.0]]> : tensor<1x3xf32>
  %gelu = llm.activate <gelu> %x : tensor<1x3xf32>
  %tanh = llm.activate <gelu_tanh> %x : tensor<1x3xf32>
  %relu2 = llm.activate <relu2> %x : tensor<1x3xf32>
  %silu = llm.activate <silu> %x : tensor<1x3xf32>
  return %gelu, %tanh, %relu2, %silu : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
}

// A gate of each kind is multiplied by the up projection.
// CHECK:      @gated
// CHECK-NEXT: 1x1
// CHECK-NEXT: [0.691462]
// CHECK-NEXT: 1x1
// CHECK-NEXT: [0.691428]
// CHECK-NEXT: 1x1
// CHECK-NEXT: [0.5]
func.func @gated() -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
  %gate = arith.constant dense<0.5> : tensor<1x1xf32>
  %up = arith.constant dense<2.0> : tensor<1x1xf32>
  %gelu = llm.glu <gelu> %gate, %up : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  %tanh = llm.glu <gelu_tanh> %gate, %up : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  %relu2 = llm.glu <relu2> %gate, %up : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  return %gelu, %tanh, %relu2 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
