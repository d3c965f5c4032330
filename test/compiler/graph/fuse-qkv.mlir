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

// Values that come from other rows are left alone; queries and keys are joined.
// CHECK-LABEL: func @other_input
// CHECK-SAME:    %[[Z:[a-z0-9]+]]: tensor<?x4xf32>, %[[WQ:[a-z0-9]+]]: tensor<4x4xbf16>, %[[WK:[a-z0-9]+]]: tensor<2x4xbf16>)
// CHECK:         llm.concat %[[WQ]], %[[WK]] : {{.*}} -> tensor<6x4xbf16>
// CHECK-NEXT:    llm.linear
// CHECK:         llm.linear %[[Z]], %[[WK]]
// CHECK-NOT:     llm.linear
func.func @other_input(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %z: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %z, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Weights of two element types cannot be one matrix: only those that are stored alike are joined.
// CHECK-LABEL: func @other_storage
// CHECK-SAME:    %[[WQ:[a-z0-9]+]]: tensor<4x4xbf16>, %[[WK:[a-z0-9]+]]: tensor<2x4xf32>)
// CHECK:         llm.linear %{{.+}}, %[[WQ]]
// CHECK:         %[[W:.+]] = llm.concat %[[WK]], %[[WK]] : {{.*}} -> tensor<4x4xf32>
// CHECK-NEXT:    llm.linear %{{.+}}, %[[W]]
// CHECK-NOT:     llm.linear
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

// Where only one has a bias, the two others are joined.
// CHECK-LABEL: func @some_biased
// CHECK-SAME:    %[[WQ:[a-z0-9]+]]: tensor<4x4xbf16>, %[[WK:[a-z0-9]+]]: tensor<2x4xbf16>
// CHECK:         llm.linear %{{.+}}, %[[WQ]] bias
// CHECK:         llm.concat %[[WK]], %[[WK]] : {{.*}} -> tensor<4x4xbf16>
// CHECK-NOT:     llm.concat
func.func @some_biased(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>, %bq: tensor<4xf32>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq bias %bq : tensor<?x4xf32>, tensor<4x4xbf16>, tensor<4xf32> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Keys and values of a file that keeps its values in more bits: q and k are one matmul, as they stand among the others.
// CHECK-LABEL: func @mixture
// CHECK:         llm.concat %{{.+}}, %{{.+}} : {{.*}} -> !pack.block<6x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows>
// CHECK-NEXT:    %[[ALL:.+]] = llm.linear
// CHECK-NEXT:    llm.split %[[ALL]] : tensor<?x6xf32> -> tensor<?x4xf32>, tensor<?x2xf32>
// CHECK:         llm.linear {{.*}}#pack.format<i6, group = 16, scale = i8, super = 256>
func.func @mixture(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x256xf32>, %wq: !pack.block<4x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows>, %wk: !pack.block<2x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows>, %wv: !pack.block<2x256, #pack.format<i6, group = 16, scale = i8, super = 256>, rows>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x256xf32>, !pack.block<4x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x256xf32>, !pack.block<2x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows> -> tensor<?x2xf32>
  %v = llm.linear %x, %wv : tensor<?x256xf32>, !pack.block<2x256, #pack.format<i6, group = 16, scale = i8, super = 256>, rows> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

// Norms of heads stand between projection and cache, before the rope or behind it; they read the parts.
// CHECK-LABEL: func @normed_heads
// CHECK-COUNT-1: llm.linear
// CHECK:         %[[PARTS:.+]]:3 = llm.split
// CHECK-DAG:     llm.rms_norm %[[PARTS]]#0, %{{.+}} eps {{.+}} groups of 2
// CHECK-DAG:     %[[KR:.+]] = llm.rope %{{.+}}, %[[PARTS]]#1
// CHECK-NOT:     llm.linear
// CHECK:         %[[KN:.+]] = llm.rms_norm %[[KR]]
// CHECK:         llm.kv_append %{{.*}}, %{{.*}} layer 0, %[[KN]], %[[PARTS]]#2
func.func @normed_heads(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %s: tensor<2xf32>, %wq: tensor<4x4xbf16>, %wk: tensor<2x4xbf16>, %wv: tensor<2x4xbf16>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %qn = llm.rms_norm %q, %s eps 1.0e-05 groups of 2 : tensor<?x4xf32>, tensor<2xf32>
  %qr = llm.rope %rows, %qn by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %kr = llm.rope %rows, %k by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x2xf32>
  %kn = llm.rms_norm %kr, %s eps 1.0e-05 groups of 2 : tensor<?x2xf32>, tensor<2xf32>
  %v = llm.linear %x, %wv : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %kn, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.attention %rows, %cache layer 0, %qr scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}
