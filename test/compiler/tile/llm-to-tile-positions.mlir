// RUN: osscc-opt %s --llm-to-tile | FileCheck %s

!scale = !pack.block<4, #pack.format<f32>, rows>

module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 4, vocabulary = 8, positions = 4096, max_rows = 16>} {
  // A table of positions is gathered as one of tokens is; the sum lies where the tokens' rows do.
  // CHECK-LABEL: func @embed
  // CHECK:         %[[X:.+]] = tile.gather tokens
  // CHECK:         %[[P:.+]] = tile.gather positions
  // CHECK:         tile.map ins(%[[P]] : tensor<?x4xf32>) outs(%[[X]] : tensor<?x4xf32>)
  func.func @embed(%rows: !llm.rows, %table: !pack.block<8x4, #pack.format<bf16>, tiles>, %places: !pack.block<4096x4, #pack.format<bf16>, table>)
      -> tensor<?x4xf32> attributes {llm.segment = "embed"} {
    %x = llm.embed %rows, %table : !llm.rows, !pack.block<8x4, #pack.format<bf16>, tiles> -> tensor<?x4xf32>
    %p = llm.embed %rows, %places {of_positions} : !llm.rows, !pack.block<4096x4, #pack.format<bf16>, table> -> tensor<?x4xf32>
    %y = llm.add %x, %p : tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }

  // CHECK-LABEL: func @layer_norm
  // CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x8xf32>
  // CHECK-SAME:    %[[S:[a-z0-9]+]]: !pack.block<4
  // CHECK-SAME:    %[[B:[a-z0-9]+]]: !pack.block<4
  // CHECK:         tile.norm ins(%[[X]], %[[S]] : {{.+}}) bias(%[[B]] : {{.+}}) outs(%{{.+}} : tensor<?x8xf32>) {centered, eps = 5.000000e-01 : f32, offset = 1.000000e+00 : f32, size = 4 : i64}
  func.func @layer_norm(%x: tensor<?x8xf32>, %s: !scale, %b: !scale) -> tensor<?x8xf32> {
    %y = llm.layer_norm %x, %s bias %b eps 0.5 groups of 4 offset 1.0 : tensor<?x8xf32>, !scale bias !scale
    return %y : tensor<?x8xf32>
  }

  // CHECK-LABEL: func @attention
  // CHECK:         tile.attend {{.+}} mask = #tile.mask<window = 100, chunked = true>, scale = 5.000000e-01 : f32, temperature = #tile.temperature<step = 8, scale = 1.000000e-01 : f64, offset = 1>}
  func.func @attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2, window = 100>, %q: tensor<?x4xf32>, %k: tensor<?x2xf32>) -> tensor<?x4xf32> {
    llm.kv_append %rows, %cache layer 0, %k, %k : !llm.rows, <0, heads = 1, size = 2, window = 100>, tensor<?x2xf32>, tensor<?x2xf32>
    %a = llm.attention %rows, %cache layer 0, %q scale 0.5 temperature <step = 8, scale = 0.1, offset = 1> mask <window = 100, chunked = true>
        : !llm.rows, <0, heads = 1, size = 2, window = 100>, tensor<?x4xf32>
    return %a : tensor<?x4xf32>
  }
}
