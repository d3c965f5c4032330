// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

#s = #tile.schedule<m = 2, n = 32, k = 4, lanes = 16, columns = 16>

// 40 outputs are 3 tiles, which are not two equal streams: 3 blocks of a tile. A call of more rows takes 16 columns and 2 rows at a time. 6
// channels are one step of 4 and a tail of 2.
// CHECK-LABEL: func @matmul
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x6xf32>, %[[W:[a-z0-9]+]]: memref<3x3x16x2xbf16>, %[[OUT:[a-z0-9]+]]: memref<?x40xf32>)
// CHECK:         %[[BLOCKS:.+]] = arith.constant 3 : index
// CHECK:         tile.grid %[[BLOCKS]] {
// CHECK:         scf.for %[[K:[a-z0-9]+]] = {{.*}} -> (vector<1x1x16xf32>)
// CHECK:           %[[A:.+]] = tile.load %[[X]][%{{.+}}, %[[K]]] last %{{.+}} : memref<?x6xf32> -> vector<1x4xf32>
// CHECK:           %[[B:.+]] = tile.unpack %[[W]][%{{.+}}, %[[K]]] : memref<3x3x16x2xbf16> -> vector<4x1x16xf32>
// CHECK:           tile.dot %[[A]], %[[B]], %{{.+}} : vector<1x4xf32>, vector<4x1x16xf32>, vector<1x1x16xf32>
// CHECK:         tile.dot %{{.+}} : vector<1x2xf32>, vector<2x1x16xf32>, vector<1x1x16xf32>
// CHECK:         tile.store %{{.+}} to %[[OUT]]
// CHECK:         scf.for {{.*}} -> (vector<2x1x16xf32>)
// CHECK-NOT:     tile.matmul
func.func @matmul(%x: memref<?x6xf32>, %w: memref<3x3x16x2xbf16>, %out: memref<?x40xf32>) {
  tile.matmul ins(%x, %w : memref<?x6xf32>, memref<3x3x16x2xbf16>) outs(%out : memref<?x40xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 16, k = 4, lanes = 16, columns = 16>

// Two parts are two accumulators over the same rows: gate at tile 0, up at tile 1; one dot has the columns of both.
// CHECK-LABEL: func @parts
// CHECK:         scf.for {{.*}} -> (vector<1x1x16xf32>, vector<1x1x16xf32>)
// CHECK-COUNT-2: tile.unpack
// CHECK:         tile.dot %{{.+}}, %{{.+}}, %{{.+}} : vector<1x4xf32>, vector<4x2x16xf32>, vector<1x2x16xf32>
// CHECK:         tile.store %{{.+}}, %{{.+}} to
func.func @parts(%x: memref<?x4xf32>, %w: memref<2x4x16xf32>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<2x4x16xf32>) outs(%out : memref<?x16xf32>) attributes {parts = 2 : i64, schedule = #s} {
  ^bb0(%g: f32, %u: f32, %old: f32):
    %y = arith.mulf %g, %u : f32
    tile.yield %y : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 32, k = 4, lanes = 16, columns = 32>

// 4 tiles are 2 streams of 2: block b takes tiles b and b + 2. A call of one row has both in one dot and prefetches nothing.
// CHECK-LABEL: func @streams
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<4x4x16xf32>
// CHECK:         tile.grid %c2
// CHECK:         ^bb0(%[[BLOCK:.+]]: index):
// CHECK:         %[[SECOND:.+]] = arith.addi %[[BLOCK]], %c2
// CHECK:         scf.for %[[K:[a-z0-9]+]] =
// CHECK:           tile.unpack %[[W]][%[[BLOCK]], %[[K]]]
// CHECK:           tile.unpack %[[W]][%[[SECOND]], %[[K]]]
// CHECK:           tile.dot %{{.+}} : vector<1x4xf32>, vector<4x2x16xf32>, vector<1x2x16xf32>
// CHECK:         %[[C0:.+]] = arith.muli %[[BLOCK]], %c16
// CHECK:         tile.store %{{.+}} to %{{.+}}[%{{.+}}, %[[C0]]]
// CHECK:         %[[C1:.+]] = arith.muli %[[SECOND]], %c16
// CHECK:         tile.store %{{.+}} to %{{.+}}[%{{.+}}, %[[C1]]]
// CHECK-NOT:     memref.prefetch
func.func @streams(%x: memref<?x4xf32>, %w: memref<4x4x16xf32>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<4x4x16xf32>) outs(%out : memref<?x64xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
