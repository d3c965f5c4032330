// RUN: osscc-opt %s --llm-fuse-qkv --split-input-file | FileCheck %s

// All projections of the rows that a delta net convolves become one, the convolved first; what reads other rows stays.
// CHECK-LABEL: func @delta_net
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[OTHER:[a-z0-9]+]]: tensor<?x4xf32>, %[[MIXED:[a-z0-9]+]]: tensor<6x4xbf16>, %[[GATE:[a-z0-9]+]]: tensor<2x4xbf16>, %[[A:[a-z0-9]+]]: tensor<1x4xbf16>,
// CHECK:         %[[W:.+]] = llm.concat %[[MIXED]], %[[A]], %[[GATE]] : {{.*}} -> tensor<9x4xbf16>
// CHECK-NEXT:    %[[ALL:.+]] = llm.linear %[[X]], %[[W]] : {{.*}} -> tensor<?x9xf32>
// CHECK-NEXT:    %[[PARTS:.+]]:3 = llm.split %[[ALL]] : tensor<?x9xf32> -> tensor<?x6xf32>, tensor<?x1xf32>, tensor<?x2xf32>
// CHECK:         llm.short_conv %{{.+}}, %{{.+}} layer 0, %[[PARTS]]#0
// CHECK:         llm.linear %[[OTHER]]
// CHECK-NOT:     llm.linear
// CHECK:         llm.glu <silu> %[[PARTS]]#2
func.func @delta_net(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 2, values = 2, channels = 6, kept = 1>, %x: tensor<?x4xf32>,
                     %other: tensor<?x4xf32>, %wm: tensor<6x4xbf16>, %wg: tensor<2x4xbf16>, %wa: tensor<1x4xbf16>, %taps: tensor<2x6xf32>,
                     %rate: tensor<1xf32>) -> tensor<?x2xf32> {
  %m = llm.linear %x, %wm : tensor<?x4xf32>, tensor<6x4xbf16> -> tensor<?x6xf32>
  %c = llm.short_conv %rows, %state layer 0, %m, %taps
      : !llm.rows, <0, heads = 1, keys = 2, values = 2, channels = 6, kept = 1>, tensor<?x6xf32>, tensor<2x6xf32>
  %q, %k, %v = llm.split %c : tensor<?x6xf32> -> tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
  %a = llm.linear %x, %wa : tensor<?x4xf32>, tensor<1x4xbf16> -> tensor<?x1xf32>
  %b = llm.linear %other, %wa : tensor<?x4xf32>, tensor<1x4xbf16> -> tensor<?x1xf32>
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rate, %rate beta %b eps 1.0
      : !llm.rows, <0, heads = 1, keys = 2, values = 2, channels = 6, kept = 1>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>,
        tensor<?x1xf32>, tensor<1xf32>, tensor<1xf32>
  %g = llm.linear %x, %wg : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %z = llm.glu <silu> %g, %y : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// The gate of what attention gives is a fourth projection.
// CHECK-LABEL: func @gated_attention
// CHECK:         %[[PARTS:.+]]:4 = llm.split %{{.+}} : tensor<?x12xf32> -> tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>
// CHECK-NOT:     llm.linear
// CHECK:         llm.gate %{{.+}} by %[[PARTS]]#3
func.func @gated_attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>, %wq: tensor<4x4xbf16>,
                           %wk: tensor<2x4xbf16>, %wg: tensor<4x4xbf16>) -> tensor<?x4xf32> {
  %q = llm.linear %x, %wq : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %k = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %v = llm.linear %x, %wk : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
  %g = llm.linear %x, %wg : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %z = llm.gate %y by %g : tensor<?x4xf32>, tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}
