// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// What depends on positions without turning heads: tables of them, chunks, temperatures.

// CHECK-LABEL: func @positions
// CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[CACHE:.+]]: !llm.cache<0, heads = 1, size = 2, window = 64>, %[[Q:.+]]: tensor<?x4xf32>, %[[T:.+]]: tensor<16x4xf32>)
func.func @positions(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2, window = 64>, %q: tensor<?x4xf32>, %table: tensor<16x4xf32>) {
  // CHECK: llm.embed %[[ROWS]], %[[T]] {of_positions} : !llm.rows, tensor<16x4xf32> -> tensor<?x4xf32>
  %x = llm.embed %rows, %table {of_positions} : !llm.rows, tensor<16x4xf32> -> tensor<?x4xf32>
  // CHECK: llm.attention %[[ROWS]], %[[CACHE]] layer 0, %[[Q]] scale 5.000000e-01 temperature <step = 8, scale = 1.000000e-01 : f64, offset = 1> mask <window = 64, chunked = true> : !llm.rows
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 temperature <step = 8, scale = 0.1, offset = 1> mask <window = 64, chunked = true>
      : !llm.rows, <0, heads = 1, size = 2, window = 64>, tensor<?x4xf32>
  // CHECK: llm.attention {{.+}} temperature <step = 1, scale = 0.000000e+00 : f64> softcap 5.000000e+01 mask
  %b = llm.attention %rows, %cache layer 0, %q scale 0.5 temperature <step = 1, scale = 0.0> softcap 50.0 mask <window = 1>
      : !llm.rows, <0, heads = 1, size = 2, window = 64>, tensor<?x4xf32>
  return
}

// -----

// expected-error @below {{a temperature has a step of positions, an offset and a finite scale, none of them negative}}
func.func private @no_step() attributes {t = #llm.temperature<step = 0, scale = 0.1>}

// -----

// expected-error @below {{a temperature has a step of positions, an offset and a finite scale, none of them negative}}
func.func private @no_offset() attributes {t = #llm.temperature<step = 1, scale = 0.1, offset = -1>}

// -----

// expected-error @below {{a temperature has a step of positions, an offset and a finite scale, none of them negative}}
func.func private @colder() attributes {t = #llm.temperature<step = 1, scale = -0.1>}
