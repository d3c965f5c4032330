// RUN: osscc-opt %s --verify-stage=stage=packed --verify-diagnostics

// The dialect may stay, this op may not.
func.func @unfolded(%a: tensor<4x2xf32>) -> tensor<8x2xf32> {
  // expected-error @below {{'llm.concat' remains after the stage packed: a join of weights must be absorbed by a recipe}}
  %w = llm.concat %a, %a : tensor<4x2xf32>, tensor<4x2xf32> -> tensor<8x2xf32>
  return %w : tensor<8x2xf32>
}
