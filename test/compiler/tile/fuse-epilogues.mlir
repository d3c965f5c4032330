// RUN: osscc-opt %s --tile-fuse-epilogues --split-input-file | FileCheck %s

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>

// The residual sum becomes the epilogue: acc + old element of the hidden rows.
// CHECK-LABEL: func @residual
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32>, %[[W:[a-z0-9]+]]: {{.*}}, %[[HIDDEN:[a-z0-9]+]]: tensor<?x4xf32>, %{{.*}})
// CHECK-NEXT:    tile.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[HIDDEN]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[ACC:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:    %[[SUM:.+]] = arith.addf %[[ACC]], %[[OLD]]
// CHECK-NEXT:    tile.yield %[[SUM]]
// CHECK-NOT:     tile.map
func.func @residual(%x: tensor<?x2xf32>, %w: !matrix, %hidden: tensor<?x4xf32>, %e: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  %y = tile.map ins(%p : tensor<?x4xf32>) outs(%hidden : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!matrix = !pack.block<32x2, #pack.format<f32>, tiles>

// The halves of one matmul become its two parts.
// CHECK-LABEL: func @gated
// CHECK:         tile.matmul ins(%{{.+}}, %{{.+}} : {{.*}}) outs(%{{.+}} : tensor<?x16xf32>) attributes {parts = 2 : i64}
// CHECK-NEXT:    ^bb0(%[[G:.+]]: f32, %[[U:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:    arith.mulf %[[G]], %[[U]]
// CHECK-NOT:     tile.map
func.func @gated(%n: index, %x: tensor<?x2xf32>, %w: !matrix, %e: tensor<?x32xf32>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x32xf32>
  %g = tensor.extract_slice %p[0, 0] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %u = tensor.extract_slice %p[0, 16] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %y = tile.map ins(%g, %u : tensor<?x16xf32>, tensor<?x16xf32>) outs(%out : tensor<?x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    tile.yield %m : f32
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

!matrix = !pack.block<20x2, #pack.format<f32>, tiles>

// Halves of 10 rows do not begin at a tile: the map stays.
// CHECK-LABEL: func @halves_across_tiles
// CHECK:         tile.map
func.func @halves_across_tiles(%n: index, %x: tensor<?x2xf32>, %w: !matrix, %e: tensor<?x20xf32>, %out: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x20xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x20xf32>
  %g = tensor.extract_slice %p[0, 0] [%n, 10] [1, 1] : tensor<?x20xf32> to tensor<?x10xf32>
  %u = tensor.extract_slice %p[0, 10] [%n, 10] [1, 1] : tensor<?x20xf32> to tensor<?x10xf32>
  %y = tile.map ins(%g, %u : tensor<?x10xf32>, tensor<?x10xf32>) outs(%out : tensor<?x10xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    tile.yield %m : f32
  } -> tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// -----

// CHECK-LABEL: func @quantized_norm
// CHECK-SAME:    (%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %[[Q:.+]]: tensor<?x38xi32>)
// CHECK-NOT:     tile.quantize_rows
// CHECK:         tile.norm ins({{.*}}) outs(%[[Q]] : tensor<?x38xi32>) {eps = {{.*}} : f32, planes = 2 : i64}
func.func @quantized_norm(%n: index, %x: tensor<?x64xf32>, %w: !pack.block<64, #pack.format<f32>, rows>, %e: tensor<?x64xf32>, %q: tensor<?x38xi32>) -> tensor<?x38xi32> {
  %y = tile.norm ins(%x, %w : tensor<?x64xf32>, !pack.block<64, #pack.format<f32>, rows>) outs(%e : tensor<?x64xf32>) {eps = 1.0e-05 : f32} -> tensor<?x64xf32>
  %c = tile.quantize_rows ins(%y : tensor<?x64xf32>) outs(%q : tensor<?x38xi32>) {planes = 2 : i64} -> tensor<?x38xi32>
  return %c : tensor<?x38xi32>
}

// -----

// Rows that another kernel reads too stay f32.
// CHECK-LABEL: func @shared_norm
// CHECK:         tile.quantize_rows
func.func @shared_norm(%x: tensor<?x64xf32>, %w: !pack.block<64, #pack.format<f32>, rows>, %e: tensor<?x64xf32>, %q: tensor<?x38xi32>) -> (tensor<?x38xi32>, tensor<?x64xf32>) {
  %y = tile.norm ins(%x, %w : tensor<?x64xf32>, !pack.block<64, #pack.format<f32>, rows>) outs(%e : tensor<?x64xf32>) {eps = 1.0e-05 : f32} -> tensor<?x64xf32>
  %c = tile.quantize_rows ins(%y : tensor<?x64xf32>) outs(%q : tensor<?x38xi32>) {planes = 2 : i64} -> tensor<?x38xi32>
  %r = tile.rotate ins(%y : tensor<?x64xf32>) outs(%e : tensor<?x64xf32>) {dims = 2 : i64, frequencies = array<f32: 1.0>} -> tensor<?x64xf32>
  return %c, %r : tensor<?x38xi32>, tensor<?x64xf32>
}

// -----

// Groups are normed one by one, codes are of whole rows: two kernels.
// CHECK-LABEL: func @quantized_groups
// CHECK:         tile.norm {{.+}} size = 32 : i64}
// CHECK:         tile.quantize_rows
func.func @quantized_groups(%x: tensor<?x64xf32>, %w: !pack.block<32, #pack.format<f32>, rows>, %e: tensor<?x64xf32>, %q: tensor<?x38xi32>) -> tensor<?x38xi32> {
  %y = tile.norm ins(%x, %w : tensor<?x64xf32>, !pack.block<32, #pack.format<f32>, rows>) outs(%e : tensor<?x64xf32>) {eps = 1.0e-05 : f32, size = 32} -> tensor<?x64xf32>
  %c = tile.quantize_rows ins(%y : tensor<?x64xf32>) outs(%q : tensor<?x38xi32>) {planes = 2 : i64} -> tensor<?x38xi32>
  return %c : tensor<?x38xi32>
}

// -----

// The offset stays with the scale.
// CHECK-LABEL: func @quantized_offset
// CHECK-NOT:     tile.quantize_rows
// CHECK:         tile.norm {{.+}} offset = 1.000000e+00 : f32, planes = 2 : i64}
func.func @quantized_offset(%x: tensor<?x64xf32>, %w: !pack.block<64, #pack.format<f32>, rows>, %e: tensor<?x64xf32>, %q: tensor<?x38xi32>) -> tensor<?x38xi32> {
  %y = tile.norm ins(%x, %w : tensor<?x64xf32>, !pack.block<64, #pack.format<f32>, rows>) outs(%e : tensor<?x64xf32>) {eps = 1.0e-05 : f32, offset = 1.0 : f32} -> tensor<?x64xf32>
  %c = tile.quantize_rows ins(%y : tensor<?x64xf32>) outs(%q : tensor<?x38xi32>) {planes = 2 : i64} -> tensor<?x38xi32>
  return %c : tensor<?x38xi32>
}

// -----

// A factor of the logits costs no pass over them.
// CHECK-LABEL: func @scaled
// CHECK:         tile.matmul
// CHECK-NEXT:    ^bb0(%[[ACC:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[Y:.+]] = arith.mulf %[[ACC]], %{{.+}}
// CHECK-NEXT:      tile.yield %[[Y]]
// CHECK-NOT:     tile.map
func.func @scaled(%x: tensor<?x2xf32>, %w: !pack.block<4x2, #pack.format<f32>, tiles>, %out: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !pack.block<4x2, #pack.format<f32>, tiles>) outs(%out : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  %y = tile.map outs(%p : tensor<?x4xf32>) {
  ^bb0(%old: f32):
    %f = arith.constant 0.5 : f32
    %m = arith.mulf %old, %f : f32
    tile.yield %m : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
