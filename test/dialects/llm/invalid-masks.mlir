// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// What a row sees of its past: a window in the cache and in the op, and a sink for each query head. Without them nothing is printed.
// CHECK-LABEL: func @window_and_sinks
// CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[CACHE:.+]]: !llm.cache<1, heads = 1, size = 2, window = 128>, %[[Q:.+]]: tensor<?x4xf32>, %[[S:.+]]: tensor<2xbf16>)
func.func @window_and_sinks(%rows: !llm.rows, %cache: !llm.cache<1, heads = 1, size = 2, window = 128>, %q: tensor<?x4xf32>, %s: tensor<2xbf16>) {
  // CHECK: llm.attention %[[ROWS]], %[[CACHE]] layer 0, %[[Q]] scale 5.000000e-01 mask <window = 128> sinks %[[S]] : !llm.rows, <1, heads = 1, size = 2, window = 128>, tensor<?x4xf32>, tensor<2xbf16>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 mask <window = 128> sinks %s : !llm.rows, <1, heads = 1, size = 2, window = 128>, tensor<?x4xf32>, tensor<2xbf16>
  // CHECK: llm.attention %[[ROWS]], %[[CACHE]] layer 1, %[[Q]] scale 5.000000e-01 mask <window = 1> : !llm.rows
  %b = llm.attention %rows, %cache layer 1, %q scale 0.5 mask <window = 1> : !llm.rows, <1, heads = 1, size = 2, window = 128>, tensor<?x4xf32>
  return
}

// -----

func.func @attention_C4(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2, window = 16>, %q: tensor<?x2xf32>) {
  // expected-error @below {{sees further back than the cache's window of 16}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 : !llm.rows, <0, heads = 1, size = 2, window = 16>, tensor<?x2xf32>
  return
}

// -----

func.func @attention_C4_longer(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2, window = 16>, %q: tensor<?x2xf32>) {
  // expected-error @below {{sees further back than the cache's window of 16}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 mask <window = 17> : !llm.rows, <0, heads = 1, size = 2, window = 16>, tensor<?x2xf32>
  return
}

// -----

func.func @attention_C5(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x4xf32>, %s: tensor<1xf32>) {
  // expected-error @below {{has 2 query heads, but sinks are 'tensor<1xf32>'}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 sinks %s : !llm.rows, <0, heads = 1, size = 2>, tensor<?x4xf32>, tensor<1xf32>
  return
}

// -----

func.func @mask_of_nothing(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x2xf32>) {
  // expected-error @below {{a window has a position at least, found 0}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 mask <window = 0> : !llm.rows, <0, heads = 1, size = 2>, tensor<?x2xf32>
  return
}

// -----

// expected-error @below {{a cache's window has positions, found -1}}
func.func @cache_of_less(%cache: !llm.cache<0, heads = 1, size = 2, window = -1>) {
  return
}
