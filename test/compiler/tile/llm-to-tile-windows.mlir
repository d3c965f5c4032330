// RUN: osscc-opt %s --llm-to-tile | FileCheck %s

// Two cache groups, one with a window. Each is as large as its own layers: layers are numbered within their group. A window's pages are a
// ring that has room for the window and the rows of a call, from any place of a page on: 100 + 16 - 1 positions touch 3 pages of 64.
// CHECK: abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 512, layers = 1>,
// CHECK-SAME:                #abi.cache_group<kind = "window", rows_per_page = 64, bytes_per_page = 1024, layers = 2, window = 100>]
module attributes {llm.config = #llm.config<family = "llama", layers = 3, hidden = 4, vocabulary = 3, positions = 4096, max_rows = 16>} {
  // CHECK-LABEL: func @layer_0
  // CHECK:         tile.append {{.*}} {cache = #tile.cache<group = 1, heads = 1, size = 2, rows = 64, stored = f16, ring = 3>}
  // CHECK:         tile.attend {{.*}} sinks(%{{.+}} : !pack.block<2, #pack.format<f32>, rows>)
  // CHECK-SAME:      {cache = #tile.cache<group = 1, heads = 1, size = 2, rows = 64, stored = f16, ring = 3>, mask = #tile.mask<window = 100>, scale
  func.func @layer_0(%rows: !llm.rows, %cache: !llm.cache<1, heads = 1, size = 2, window = 100>, %q: tensor<?x4xf32>, %k: tensor<?x2xf32>,
                     %s: !pack.block<2, #pack.format<f32>, rows>) -> tensor<?x4xf32> {
    llm.kv_append %rows, %cache layer 0, %k, %k : !llm.rows, <1, heads = 1, size = 2, window = 100>, tensor<?x2xf32>, tensor<?x2xf32>
    %a = llm.attention %rows, %cache layer 0, %q scale 0.5 mask <window = 100> sinks %s
        : !llm.rows, <1, heads = 1, size = 2, window = 100>, tensor<?x4xf32>, !pack.block<2, #pack.format<f32>, rows>
    return %a : tensor<?x4xf32>
  }

  // CHECK-LABEL: func @layer_1
  // CHECK:         tile.append {{.*}} {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
  // CHECK:         tile.attend {{.*}} {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>, scale
  func.func @layer_1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x4xf32>, %k: tensor<?x2xf32>) -> tensor<?x4xf32> {
    llm.kv_append %rows, %cache layer 0, %k, %k : !llm.rows, <0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
    %a = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, <0, heads = 1, size = 2>, tensor<?x4xf32>
    return %a : tensor<?x4xf32>
  }

  // The second layer of the ring begins behind the first. Its rope multiplies cosine and sine.
  // CHECK-LABEL: func @layer_2
  // CHECK:         %[[OFFSET:.+]] = arith.constant 512 : index
  // CHECK:         tile.rotate {{.*}} {dims = 2 : i64, factor = 1.250000e+00 : f32, frequencies
  // CHECK:         tile.append ins(%{{.+}}, %{{.+}}, %[[OFFSET]] : {{.*}} ring = 3>
  func.func @layer_2(%rows: !llm.rows, %cache: !llm.cache<1, heads = 1, size = 2, window = 100>, %q: tensor<?x4xf32>, %k: tensor<?x2xf32>) -> tensor<?x4xf32> {
    %r = llm.rope %rows, %k by <dims = 2, theta = 1.0e+04, factor = 1.25> : !llm.rows, tensor<?x2xf32>
    llm.kv_append %rows, %cache layer 1, %r, %k : !llm.rows, <1, heads = 1, size = 2, window = 100>, tensor<?x2xf32>, tensor<?x2xf32>
    %a = llm.attention %rows, %cache layer 1, %q scale 0.5 mask <window = 100> : !llm.rows, <1, heads = 1, size = 2, window = 100>, tensor<?x4xf32>
    return %a : tensor<?x4xf32>
  }
}
