// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// The ops that join, cut and choose rows and channels; the others are in invalid.mlir.

func.func @glu_C1(%gate: tensor<?x4xf32>, %up: tensor<?x2xf32>) {
  // expected-error @below {{gate and up have 4 and 2 channels, but y has 4}}
  %y = llm.glu <silu> %gate, %up : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @glu_C2(%gate: tensor<?x4xf32>) {
  // expected-error @below {{the joined operand has 4 channels, not twice the 4 of y}}
  %y = llm.glu <silu> %gate : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @concat_C1(%a: tensor<2x4xf32>, %b: tensor<2x5xf32>) {
  // expected-error @below {{part 'tensor<2x5xf32>' does not have the channels and element type of 'tensor<4x4xf32>'}}
  %y = llm.concat %a, %b : tensor<2x4xf32>, tensor<2x5xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_C1_element(%a: tensor<2x4xf32>, %b: tensor<2x4xf16>) {
  // expected-error @below {{part 'tensor<2x4xf16>' does not have the channels and element type of 'tensor<4x4xf32>'}}
  %y = llm.concat %a, %b : tensor<2x4xf32>, tensor<2x4xf16> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_C1_rank(%a: tensor<2x4xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{part 'tensor<2xf32>' does not have the channels and element type of 'tensor<4x4xf32>'}}
  %y = llm.concat %a, %b : tensor<2x4xf32>, tensor<2xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_C2(%a: tensor<2x4xf32>) {
  // expected-error @below {{the parts have 4 rows, but the whole has 5}}
  %y = llm.concat %a, %a : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @split_C1(%x: tensor<?x4xf32>) {
  // expected-error @below {{the parts have 5 channels, but x has 4}}
  %a, %b = llm.split %x : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x3xf32>
  return
}

// -----

func.func @output_rows_C1(%rows: !llm.rows, %x: tensor<?x4xf32>) {
  // expected-error @below {{x has 4 channels, but y has 5}}
  %y = llm.output_rows %rows, %x : !llm.rows, tensor<?x4xf32> -> tensor<?x5xf32>
  return
}

// -----

func.func @logits_C1(%x: tensor<?x4xf32>, %head: tensor<8x5xf32>) {
  // expected-error @below {{x has 4 channels, but the weight is 'tensor<8x5xf32>'}}
  %y = llm.logits %x, %head : tensor<?x4xf32>, tensor<8x5xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @logits_C2(%x: tensor<?x4xf32>, %head: tensor<8x4xf32>) {
  // expected-error @below {{the weight has 8 rows, but y has 9 channels}}
  %y = llm.logits %x, %head : tensor<?x4xf32>, tensor<8x4xf32> -> tensor<?x9xf32>
  return
}
