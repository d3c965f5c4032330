// RUN: osscc-opt %s --llm-to-tile | FileCheck %s

// A layer's state lies behind those of the layers before it: a row of 16 channels and 2 heads of 2 by 4 are
// two lines, 128 bytes.
// The activation is the convolution's epilogue; the group's page is all layers'.
// CHECK:       abi.cache_groups = [#abi.cache_group<kind = "state", rows_per_page = 1, bytes_per_page = 256, layers = 2>]
// CHECK-LABEL: func.func @layer_0
// CHECK:         %[[AT:.+]] = arith.constant 128 : index
// CHECK:         %[[C:.+]] = tile.short_conv ins(%{{.+}}, %{{.+}}, %[[AT]] : tensor<?x16xf32>, !pack.block<2x16, #pack.format<f32>, rows>) outs(%{{.+}} : tensor<?x16xf32>) <group = 0, heads = 2, keys = 2, values = 4, channels = 16, kept = 1> {
// CHECK:         ^bb0(%[[SUM:.+]]: f32):
// CHECK:           math.exp
// CHECK:           tile.yield
// CHECK:         tile.delta_rule ins(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %[[AT]] : {{.*}}) outs(%{{.+}} : tensor<?x8xf32>) <group = 0, heads = 2, keys = 2, values = 4, channels = 16, kept = 1> {eps = 9.99999997E-7 : f32, log_rates}
module attributes {llm.config = #llm.config<family = "test", layers = 1, hidden = 16, vocabulary = 8, positions = 64, max_rows = 4>} {
  func.func @layer_0(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 4, channels = 16, kept = 1>, %x: tensor<?x16xf32>,
                     %w: !pack.block<2x16, #pack.format<f32>, rows>, %a: tensor<?x2xf32>, %r: !pack.block<2, #pack.format<f32>, rows>) -> tensor<?x8xf32> {
    %c = llm.short_conv %rows, %state layer 1, %x, %w then <silu>
        : !llm.rows, <0, heads = 2, keys = 2, values = 4, channels = 16, kept = 1>, tensor<?x16xf32>, !pack.block<2x16, #pack.format<f32>, rows>
    %q, %k, %v = llm.split %c : tensor<?x16xf32> -> tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x8xf32>
    %y = llm.delta_rule %rows, %state layer 1, %q, %k, %v decay %a, %r, %r beta %a eps 1.0e-6 log_rates
        : !llm.rows, <0, heads = 2, keys = 2, values = 4, channels = 16, kept = 1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x8xf32>,
          tensor<?x2xf32>, !pack.block<2, #pack.format<f32>, rows>, !pack.block<2, #pack.format<f32>, rows>
    return %y : tensor<?x8xf32>
  }
}
