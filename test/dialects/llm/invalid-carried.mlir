// RUN: osscc-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{a carried value has channels, found 0}}
module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 2, vocabulary = 3, positions = 8, max_rows = 8, carried = [4, 0]>} {}

// -----

// A segment hands on what the next one takes: the hidden rows, and what the module carries beside them.
module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 2, vocabulary = 3, positions = 8, max_rows = 8, carried = [4]>} {
  // expected-error @below {{hands on other rows than the next segment takes, of 2, 4 channels}}
  func.func @embed(%rows: !llm.rows, %x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {llm.segment = "embed"} {
    return %x : tensor<?x2xf32>
  }
}

// -----

module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 2, vocabulary = 3, positions = 8, max_rows = 8, carried = [4]>} {
  // expected-error @below {{takes other rows than the segment before hands on, of 2, 4 channels}}
  func.func @layer_0(%rows: !llm.rows, %a: tensor<?x4xf32>, %x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x4xf32>) attributes {llm.segment = "layer"} {
    return %x, %a : tensor<?x2xf32>, tensor<?x4xf32>
  }
}

// -----

module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 2, vocabulary = 3, positions = 8, max_rows = 8>} {
  // expected-error @below {{takes other rows than the segment before hands on, of 2 channels}}
  func.func @head(%rows: !llm.rows, %x: tensor<?x2xf32>, %a: tensor<?x4xf32>) -> tensor<?x2xf32> attributes {llm.segment = "head"} {
    return %x : tensor<?x2xf32>
  }
}
