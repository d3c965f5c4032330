// RUN: osscc-opt %s --tile-fuse-epilogues | FileCheck %s

// A layer norm writes codes itself, as any norm of whole rows, and keeps its bias and its mean.
// CHECK-LABEL: func @quantized
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x32xf32>, %[[W:[a-z0-9]+]]: {{.+}}, %[[B:[a-z0-9]+]]: {{.+}}, %{{.+}}: {{.+}}, %[[OUT:[a-z0-9]+]]: tensor<?x19xi32>)
// CHECK:         tile.norm ins(%[[X]], %[[W]] : {{.+}}) bias(%[[B]] : {{.+}}) outs(%[[OUT]] : tensor<?x19xi32>) {centered, eps = 1.000000e+00 : f32, planes = 2 : i64}
// CHECK-NOT:     tile.quantize_rows
func.func @quantized(%x: tensor<?x32xf32>, %w: !pack.block<32, #pack.format<f32>, rows>, %b: !pack.block<32, #pack.format<f32>, rows>,
                     %y: tensor<?x32xf32>, %out: tensor<?x19xi32>) -> tensor<?x19xi32> {
  %n = tile.norm ins(%x, %w : tensor<?x32xf32>, !pack.block<32, #pack.format<f32>, rows>) bias(%b : !pack.block<32, #pack.format<f32>, rows>)
      outs(%y : tensor<?x32xf32>) {centered, eps = 1.0 : f32} -> tensor<?x32xf32>
  %q = tile.quantize_rows ins(%n : tensor<?x32xf32>) outs(%out : tensor<?x19xi32>) {planes = 2} -> tensor<?x19xi32>
  return %q : tensor<?x19xi32>
}
