// RUN: osscc-opt %s --llm-to-tile | FileCheck %s
// RUN: osscc-opt %s --llm-to-tile=cached=f32 | FileCheck %s --check-prefix=WIDE

// The module's dimensions and cache groups pass on to the ABI: a page holds 64 positions of 2 layers, keys and values of 1 head of
// 2 channels each, 2 * 2 * 64 * 2 * 2 layers = 1024 bytes; twice that in f32.
// CHECK: abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 1024, layers = 2>]
// CHECK-SAME: abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 3, layers = 2, positions = 128, max_rows = 16>
module attributes {llm.config = #llm.config<family = "llama", layers = 2, hidden = 4, vocabulary = 3, positions = 128, max_rows = 16>} {
  // Handles are gone; layer 1 begins behind layer 0 in each page; q, k and v are parts of one block of rows.
  // CHECK-LABEL: func @layer_1
  // CHECK-SAME:    (%[[QKV:[a-z0-9]+]]: tensor<?x8xf32>{{.*}}) -> tensor<?x4xf32>
  // CHECK-DAG:     %[[OFFSET:.+]] = arith.constant 512 : index
  // CHECK-DAG:     %[[Q:.+]] = tensor.extract_slice %[[QKV]][0, 0] [%{{.+}}, 4]
  // CHECK-DAG:     %[[K:.+]] = tensor.extract_slice %[[QKV]][0, 4] [%{{.+}}, 2]
  // CHECK-DAG:     %[[V:.+]] = tensor.extract_slice %[[QKV]][0, 6] [%{{.+}}, 2]
  // CHECK-DAG:     %[[QR:.+]] = tile.rotate ins(%[[Q]] : {{.*}}) {{.*}}{dims = 2 : i64, frequencies = array<f32: 1.000000e+00>}
  // CHECK-DAG:     %[[KR:.+]] = tile.rotate ins(%[[K]] : {{.*}})
  // CHECK:         tile.append ins(%[[KR]], %[[V]], %[[OFFSET]] : {{.*}}) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
  // CHECK:         tile.attend ins(%[[QR]], %[[OFFSET]] : {{.*}}) {{.*}}scale = 5.000000e-01
  // CHECK-NOT:     llm.
  // WIDE:          bytes_per_page = 2048
  // WIDE:          tile.append {{.*}} stored = f32>}
  // WIDE:          tile.attend {{.*}} stored = f32>,
  func.func @layer_1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %qkv: tensor<?x8xf32>) -> tensor<?x4xf32> {
    %q, %k, %v = llm.split %qkv : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x2xf32>
    %qr = llm.rope %rows, %q by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x4xf32>
    %kr = llm.rope %rows, %k by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x2xf32>
    llm.kv_append %rows, %cache layer 1, %kr, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
    %a = llm.attention %rows, %cache layer 1, %qr scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
    return %a : tensor<?x4xf32>
  }
}
