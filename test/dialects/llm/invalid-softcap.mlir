// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @caps
// CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[CACHE:.+]]: !llm.cache<0, heads = 1, size = 2, window = 8>, %[[Q:.+]]: tensor<?x4xf32>, %[[S:.+]]: tensor<2xf32>)
func.func @caps(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2, window = 8>, %q: tensor<?x4xf32>, %s: tensor<2xf32>) {
  // CHECK: llm.attention %[[ROWS]], %[[CACHE]] layer 0, %[[Q]] scale 5.000000e-01 softcap 5.000000e+01 mask <window = 8> sinks %[[S]] : !llm.rows
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 softcap 50.0 mask <window = 8> sinks %s
      : !llm.rows, <0, heads = 1, size = 2, window = 8>, tensor<?x4xf32>, tensor<2xf32>
  // CHECK: llm.softcap %{{.+}} at 3.000000e+01 : tensor<?x4xf32>
  %b = llm.softcap %a at 30.0 : tensor<?x4xf32>
  return
}

// -----

func.func @attention_C7(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x2xf32>) {
  // expected-error @below {{softcap must be positive and finite}}
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 softcap 0.0 : !llm.rows, <0, heads = 1, size = 2>, tensor<?x2xf32>
  return
}

// -----

func.func @softcap_C1(%x: tensor<?x2xf32>) {
  // expected-error @below {{cap must be positive and finite}}
  %y = llm.softcap %x at -30.0 : tensor<?x2xf32>
  return
}

// -----

func.func @softcap_C1_infinite(%x: tensor<?x2xf32>) {
  // expected-error @below {{cap must be positive and finite}}
  %y = llm.softcap %x at 0x7F800000 : tensor<?x2xf32>
  return
}
