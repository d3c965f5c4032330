// RUN: osscc-opt %s --llm-specialize-rows --split-input-file --verify-diagnostics

// A segment of a fixed number of rows would need another one for each T.
module attributes {llm.config = #llm.config<family = "llama", layers = 0, hidden = 2, vocabulary = 3, positions = 128, max_rows = 128>} {
  func.func @layer(%rows: !llm.rows, %x: tensor<4x2xf32>) -> tensor<4x2xf32> {
    // expected-error @below {{has 4 rows, expected a run-time number}}
    %y = llm.add %x, %x : tensor<4x2xf32>
    return %y : tensor<4x2xf32>
  }
}

// -----

// expected-error @below {{has no llm.config}}
module {
}
