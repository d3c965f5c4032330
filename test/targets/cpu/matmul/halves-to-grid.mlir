// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s
// Weights in groups of 16 channels: records of 32 have a sum and an offset of each half, and a step takes one half after the other.

// Four words more: two scaled sums, then two offsets, behind the record's own.
// CHECK-LABEL: func @quantize
// CHECK-COUNT-2: vector.reduction <add>
// CHECK:         arith.addi %{{.+}}, %c11{{.*}} : index
// CHECK:         arith.addi %{{.+}}, %c13{{.*}} : index
// CHECK:         vector.reduction <add>
// CHECK:         arith.addi %{{.+}}, %c12{{.*}} : index
// CHECK:         arith.addi %{{.+}}, %c14{{.*}} : index
// CHECK-NOT:     tile.quantize_rows
func.func @quantize(%x: memref<?x32xf32>, %out: memref<?x15xi32>) {
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%out : memref<?x15xi32>) {planes = 1 : i64}
  return
}

// -----

// CHECK-LABEL: func @matmul
// CHECK:         %[[X:.+]] = tile.load %{{.+}} : memref<?x120xi32> -> vector<1x8xi32>
// CHECK:         %[[W:.+]] = tile.unpack
// CHECK:         %[[X0:.+]] = vector.extract_strided_slice %[[X]] {offsets = [0, 0], sizes = [1, 4], strides = [1, 1]}
// CHECK:         %[[W0:.+]] = vector.extract_strided_slice %[[W]] {offsets = [0, 0, 0], sizes = [4, 1, 64], strides = [1, 1, 1]}
// CHECK:         %[[D0:.+]] = tile.dot %[[X0]], %[[W0]]
// CHECK-SAME:    bits = 6
// CHECK-SAME:    zero = 32
// CHECK:         tile.scales
// CHECK:         %[[ACC:.+]] = tile.accumulate %[[D0]]
// CHECK:         %[[X1:.+]] = vector.extract_strided_slice %[[X]] {offsets = [0, 4], sizes = [1, 4], strides = [1, 1]}
// CHECK:         %[[D1:.+]] = tile.dot %[[X1]]
// CHECK:         tile.accumulate %[[D1]], {{.+}} onto %[[ACC]]
func.func @matmul(%x: memref<?x120xi32>, %w: memref<1x3392xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x120xi32>, memref<1x3392xi8>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<i6, group = 16, scale = i8, super = 256>, planes = 1 : i64,
                  schedule = #tile.schedule<m = 4, n = 16, k = 32, lanes = 16, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// Minimums take the sums of halves.
// CHECK-LABEL: func @minimums
// CHECK:         tile.scales {{.+}} minimum
// CHECK:         tile.accumulate {{.+}} minimums
// CHECK:         tile.scales {{.+}} minimum
// CHECK:         tile.accumulate {{.+}} minimums
func.func @minimums(%x: memref<?x120xi32>, %w: memref<1x1344xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x120xi32>, memref<1x1344xi8>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<ui2, group = 16, scale = ui4, minimum = ui4, super = 256>, planes = 1 : i64,
                  schedule = #tile.schedule<m = 4, n = 16, k = 32, lanes = 16, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
