// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK-LABEL: func.func @mix
// CHECK-SAME:    (%[[ROWS:[a-z0-9]+]]: !llm.rows, %[[STATE:[a-z0-9]+]]: !llm.state<1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>,
// CHECK:         %[[C:.+]] = llm.short_conv %[[ROWS]], %[[STATE]] layer 2, %{{.+}}, %{{.+}} then <silu> : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x20xf32>, tensor<4x20xbf16>
// CHECK:         llm.short_conv %[[ROWS]], %[[STATE]] layer 2, %[[C]], %{{.+}} : !llm.rows
// CHECK:         llm.delta_rule %[[ROWS]], %[[STATE]] layer 2, %{{.+}}, %{{.+}}, %{{.+}} decay %{{.+}}, %{{.+}}, %{{.+}} beta %{{.+}} eps 9.99999997E-7 log_rates : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x12xf32>, tensor<?x4xf32>, tensor<4xbf16>, tensor<4xf32>
// CHECK:         llm.delta_rule {{.*}} eps 1.000000e+00 tiled : !llm.rows
func.func @mix(%rows: !llm.rows, %state: !llm.state<1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, %x: tensor<?x20xf32>,
               %w: tensor<4x20xbf16>, %a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %rates: tensor<4xbf16>, %shifts: tensor<4xf32>) -> tensor<?x12xf32> {
  %c = llm.short_conv %rows, %state layer 2, %x, %w then <silu>
      : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x20xf32>, tensor<4x20xbf16>
  %d = llm.short_conv %rows, %state layer 2, %c, %w
      : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x20xf32>, tensor<4x20xbf16>
  %q, %k, %v = llm.split %d : tensor<?x20xf32> -> tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x12xf32>
  %y = llm.delta_rule %rows, %state layer 2, %q, %k, %v decay %a, %rates, %shifts beta %b eps 1.0e-6 log_rates
      : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x12xf32>,
        tensor<?x4xf32>, tensor<4xbf16>, tensor<4xf32>
  %z = llm.delta_rule %rows, %state layer 2, %q, %k, %y decay %a, %rates, %shifts beta %b eps 1.0 tiled
      : !llm.rows, <1, heads = 4, keys = 2, values = 3, channels = 20, kept = 3>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x12xf32>,
        tensor<?x4xf32>, tensor<4xbf16>, tensor<4xf32>
  return %z : tensor<?x12xf32>
}
