// RUN: osscc-opt %s -split-input-file -verify-diagnostics

func.func @mix_C1(%a: tensor<?x4xf32>, %b: tensor<?x5xf32>, %w: tensor<?x6xf32>) {
  // expected-error @below {{a part has 5 channels, but y has 4}}
  %0 = llm.mix %a, %b by %w from 0 : tensor<?x4xf32>, tensor<?x5xf32> by tensor<?x6xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @mix_C2(%a: tensor<?x4xf32>, %w: tensor<?x6xf32>) {
  // expected-error @below {{reads weights 5 to 6 of 6}}
  %0 = llm.mix %a, %a by %w from 5 : tensor<?x4xf32>, tensor<?x4xf32> by tensor<?x6xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @match_C1(%a: tensor<?x4xf32>) {
  // expected-error @below {{least must be positive and finite}}
  %0 = llm.match %a to %a least 0.0 : tensor<?x4xf32> to tensor<?x4xf32>
  return
}

// -----

func.func @cutoff_C1(%a: tensor<?x4xf32>) {
  // expected-error @below {{deviations must be finite}}
  %0 = llm.cutoff %a at 0x7F800000 : tensor<?x4xf32>
  return
}

// -----

func.func @xielu_C1(%x: tensor<?x4xf32>, %w: tensor<1xf32>, %v: tensor<4xf32>) {
  // expected-error @below {{a weight is 'tensor<4xf32>', not of one value}}
  %y = llm.xielu %x by %w, %v, %w, %w : tensor<?x4xf32> by tensor<1xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>
  return
}
