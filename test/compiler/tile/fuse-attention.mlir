// RUN: osscc-opt %s --tile-fuse-attention --split-input-file | FileCheck %s

// Rotations go into the kernels that read them, and records come out of attention itself.
// CHECK-LABEL: func @heads
// CHECK-SAME:    (%[[Q:[a-z0-9]+]]: tensor<?x32xf32>, %[[K:[a-z0-9]+]]: tensor<?x32xf32>,
// CHECK-NOT:     tile.rotate
// CHECK:         tile.append ins(%[[K]], {{.*}}) {cache = {{.*}}factor = 1.500000e+00 : f32, frequencies = array<f32: 1.000000e+00, {{.*}}>
// CHECK:         tile.attend ins(%[[Q]], {{.*}}) sinks(%{{.+}}) {cache = {{.*}}factor = 1.500000e+00 : f32, frequencies = array<f32: 1.000000e+00, {{.*}} mask = #tile.mask<window = 100>, planes = 2 : i64
// CHECK-NOT:     tile.quantize_rows
func.func @heads(%q: tensor<?x32xf32>, %k: tensor<?x32xf32>, %at: index, %a: tensor<?x32xf32>, %b: tensor<?x32xf32>, %out: tensor<?x32xf32>,
                 %records: tensor<?x19xi32>, %s: !pack.block<1, #pack.format<f32>, rows>) -> tensor<?x19xi32> {
  %qr = tile.rotate ins(%q : tensor<?x32xf32>) outs(%a : tensor<?x32xf32>)
      {dims = 32 : i64, factor = 1.5 : f32, frequencies = array<f32: 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.>} -> tensor<?x32xf32>
  %kr = tile.rotate ins(%k : tensor<?x32xf32>) outs(%b : tensor<?x32xf32>)
      {dims = 32 : i64, factor = 1.5 : f32, frequencies = array<f32: 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.>} -> tensor<?x32xf32>
  tile.append ins(%kr, %k, %at : tensor<?x32xf32>, tensor<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>}
  %y = tile.attend ins(%qr, %at : tensor<?x32xf32>) outs(%out : tensor<?x32xf32>) sinks(%s : !pack.block<1, #pack.format<f32>, rows>)
      {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>, mask = #tile.mask<window = 100>, scale = 0.5 : f32} -> tensor<?x32xf32>
  %r = tile.quantize_rows ins(%y : tensor<?x32xf32>) outs(%records : tensor<?x19xi32>) {planes = 2 : i64} -> tensor<?x19xi32>
  return %r : tensor<?x19xi32>
}

// -----

// Turns of another width than a head stay; so do records of heads that are not whole groups.
// CHECK-LABEL: func @others
// CHECK-COUNT-2: tile.rotate
// CHECK:         tile.append ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<?x4xf32>) {cache
// CHECK:         tile.attend
// CHECK:         tile.quantize_rows
func.func @others(%q: tensor<?x4xf32>, %at: index, %a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %out: tensor<?x4xf32>, %records: tensor<?x11xi32>)
    -> tensor<?x11xi32> {
  %qr = tile.rotate ins(%q : tensor<?x4xf32>) outs(%a : tensor<?x4xf32>) {dims = 2 : i64, frequencies = array<f32: 1.>} -> tensor<?x4xf32>
  %kr = tile.rotate ins(%q : tensor<?x4xf32>) outs(%b : tensor<?x4xf32>) {dims = 2 : i64, frequencies = array<f32: 1.>} -> tensor<?x4xf32>
  tile.append ins(%kr, %q, %at : tensor<?x4xf32>, tensor<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>}
  %y = tile.attend ins(%qr, %at : tensor<?x4xf32>) outs(%out : tensor<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32} -> tensor<?x4xf32>
  %r = tile.quantize_rows ins(%y : tensor<?x4xf32>) outs(%records : tensor<?x11xi32>) {planes = 1 : i64} -> tensor<?x11xi32>
  return %r : tensor<?x11xi32>
}
