// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of LlmOps.td.

func.func @embed_C1(%rows: !llm.rows, %table: tensor<8x5xf32>) {
  // expected-error @below {{y has 4 channels, but the table is 'tensor<8x5xf32>'}}
  %y = llm.embed %rows, %table : !llm.rows, tensor<8x5xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @linear_C1(%x: tensor<?x4xf32>, %w: tensor<2x5xf32>) {
  // expected-error @below {{x has 4 channels, but the weight is 'tensor<2x5xf32>'}}
  %y = llm.linear %x, %w : tensor<?x4xf32>, tensor<2x5xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @linear_C2(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{the weight has 2 rows, but y has 3 channels}}
  %y = llm.linear %x, %w : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x3xf32>
  return
}

// -----

func.func @linear_C3(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{bias is 'tensor<4xf32>', but y has 2 channels}}
  %y = llm.linear %x, %w bias %b : tensor<?x4xf32>, tensor<2x4xf32>, tensor<4xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @rms_norm_C1(%x: tensor<?x4xf32>, %scale: tensor<8xf32>) {
  // expected-error @below {{scale is 'tensor<8xf32>', but x has 4 channels}}
  %y = llm.rms_norm %x, %scale eps 1.0e-05 : tensor<?x4xf32>, tensor<8xf32>
  return
}

// -----

func.func @rms_norm_C2(%x: tensor<?x4xf32>, %scale: tensor<4xf32>) {
  // expected-error @below {{eps must be positive and finite}}
  %y = llm.rms_norm %x, %scale eps 0.0 : tensor<?x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @rope_C1(%rows: !llm.rows, %x: tensor<?x6xf32>) {
  // expected-error @below {{x has 6 channels, not a whole number of heads of 4}}
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04> : !llm.rows, tensor<?x6xf32>
  return
}

// -----

func.func @rope_C2(%rows: !llm.rows, %x: tensor<?x6xf32>) {
  // expected-error @below {{rope needs an even number of dims and theta above 1, found dims 3, theta 1.000000e+04}}
  %y = llm.rope %rows, %x by <dims = 3, theta = 1.0e+04> : !llm.rows, tensor<?x6xf32>
  return
}

// -----

func.func @rope_C2_theta(%rows: !llm.rows, %x: tensor<?x6xf32>) {
  // expected-error @below {{rope needs an even number of dims and theta above 1, found dims 2, theta 1.000000e+00}}
  %y = llm.rope %rows, %x by <dims = 2, theta = 1.0> : !llm.rows, tensor<?x6xf32>
  return
}

// -----

func.func @kv_append_C1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %k: tensor<?x2xf32>, %v: tensor<?x4xf32>) {
  // expected-error @below {{k and v have 2 and 4 channels, but the cache holds 2}}
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x4xf32>
  return
}

// -----

func.func @kv_append_C2(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %k: tensor<?x2xf32>) {
  // expected-error @below {{layer must not be negative}}
  llm.kv_append %rows, %cache layer -1, %k, %k : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @attention_C1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 2, size = 2>, %q: tensor<?x6xf32>) {
  // expected-error @below {{q has 6 channels, not a whole multiple of the cache's 4}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 : !llm.rows, !llm.cache<0, heads = 2, size = 2>, tensor<?x6xf32>
  return
}

// -----

func.func @attention_C2(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x2xf32>) {
  // expected-error @below {{scale must be positive and finite}}
  %y = llm.attention %rows, %cache layer 0, %q scale 0x7F800000 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>
  return
}

// -----

func.func @attention_C3(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x2xf32>) {
  // expected-error @below {{layer must not be negative}}
  %y = llm.attention %rows, %cache layer -1, %q scale 1.0 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>
  return
}
