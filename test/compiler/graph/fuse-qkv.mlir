// RUN: osscc-opt %s --llm-fuse-qkv --split-input-file | FileCheck %s

// Three projections of %x become one of 8 rows, q first, then k, then v; rotation and cache read the parts.
// CHECK-LABEL: func @shared_input
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[Q:[a-z0-9]+]]: tensor<4x4xbf16>, %[[K:[a-z0-9]+]]: tensor<2x4xbf16>, %[[V:[a-z0-9]+]]: tensor<2x4xbf16>)
// CHECK:         %[[W:.+]] = llm.concat %[[Q]], %[[K]], %[[V]] : {{.*}} -> tensor<8x4xbf16>
// CHECK-NEXT:    %[[ALL:.+]] = llm.linear %[[X]], %[[W]] : {{.*}} -> tensor<?x8xf32>
// CHECK-NEXT:    %[[PARTS:.+]]:3 = llm.split %[[ALL]] : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x2xf32>
// CHECK-NOT:     llm.linear
// CHECK:         %[[KR:.+]] = llm.rope %{{.*}}, %[[PARTS]]#1
// CHECK:         llm.kv_append %{{.*}}, %{{.*}} layer 0, %[[KR]], %[[PARTS]]#2
func.func @shared_input(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>, %wv: tensor<2x4xbf16>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %x, %wv : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %kr = llm.rope %rows, %k by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %kr, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Values that come from other rows are left alone.
// CHECK-LABEL: func @other_input
// CHECK-NOT:     llm.concat
// CHECK-COUNT-3: llm.linear
func.func @other_input(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %z: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %z, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Weights of two element types cannot be one matrix.
// CHECK-LABEL: func @other_storage
// CHECK-NOT:     llm.concat
func.func @other_storage(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xf32>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %v = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Biases join with the matrices, in the same order.
// CHECK-LABEL: func @biased
// CHECK-SAME:    %[[BQ:[a-z0-9]+]]: tensor<4xf32>, %[[BK:[a-z0-9]+]]: tensor<2xf32>)
// CHECK:         %[[B:.+]] = llm.concat %[[BQ]], %[[BK]], %[[BK]] : {{.*}} -> tensor<8xf32>
// CHECK-NEXT:    llm.linear %{{.+}}, %{{.+}} bias %[[B]] : {{.*}} -> tensor<?x8xf32>
// CHECK-NOT:     llm.linear
func.func @biased(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>, %bq: tensor<4xf32>, %bk: tensor<2xf32>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq bias %bq : tensor<?x4xf32>, tensor<4x4xbf16>, tensor<4xf32> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk bias %bk : tensor<?x4xf32>, tensor<2x4xbf16>, tensor<2xf32> -> tensor<?x2xf32>
  %v = llm.linear %x, %wk bias %bk : tensor<?x4xf32>, tensor<2x4xbf16>, tensor<2xf32> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Where only some have a bias, all stay apart.
// CHECK-LABEL: func @some_biased
// CHECK-NOT:     llm.concat
func.func @some_biased(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>, %bq: tensor<4xf32>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq bias %bq : tensor<?x4xf32>, tensor<4x4xbf16>, tensor<4xf32> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}
