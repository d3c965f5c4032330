// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

#s = #tile.schedule<m = 2, n = 32, k = 4, lanes = 16, columns = 16>

// The plan says how many experts have rows, at most the 3 that there are; each has 2 blocks of its 4 tiles. A block computes its expert's
// slots, with the expert's tiles and biases, from the first slot to the last.
// CHECK-LABEL: func @experts
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x4xf32>, %[[W:[a-z0-9]+]]: memref<12x4x16xf32>, %[[B:[a-z0-9]+]]: memref<3x64xf32>, %[[PLAN:[a-z0-9]+]]: memref<?x11xi32>, %[[OUT:[a-z0-9]+]]: memref<?x64xf32>)
// CHECK-DAG:     %[[THREE:.+]] = arith.constant 3 : index
// CHECK:         %[[WORDS:.+]] = memref.collapse_shape %[[PLAN]]
// CHECK:         %[[ACTIVE:.+]] = arith.minui %{{.+}}, %[[THREE]]
// CHECK:         %[[BLOCKS:.+]] = arith.muli %[[ACTIVE]], %c2
// CHECK:         tile.grid %[[BLOCKS]] {
// CHECK-NEXT:    ^bb0(%[[BLOCK:.+]]: index):
// CHECK:         arith.divui %[[BLOCK]], %c2
// CHECK:         %[[EXPERT:.+]] = arith.index_castui
// CHECK:         %[[FIRST:.+]] = arith.index_castui
// CHECK:         %[[TILES:.+]] = arith.muli %[[EXPERT]], %c4
// CHECK:         %[[END:.+]] = arith.select
// CHECK:         %[[ROWS:.+]] = arith.subi %[[END]], %[[FIRST]]
// CHECK:         arith.remui %[[BLOCK]], %c2
// CHECK:         %[[ONE:.+]] = arith.cmpi eq, %[[ROWS]], %c1
// CHECK:         scf.if %[[ONE]] {
// CHECK:           %[[TILE:.+]] = arith.addi %{{.+}}, %[[TILES]]
// CHECK:           tile.unpack %[[W]][%[[TILE]],
// CHECK:           %[[BIAS:.+]] = memref.subview %[[B]][%[[EXPERT]], 0] [1, 64] [1, 1]
// CHECK:           tile.store %{{.+}} channels(%[[BIAS]]
// CHECK:           %[[LOCAL:.+]] = arith.subi %{{.+}}, %[[TILES]]
// CHECK:           %[[COLUMN:.+]] = arith.muli %[[LOCAL]], %c16
// CHECK:           tile.store %{{.+}} channels(%[[BIAS]] : memref<64xf32, strided<[1], offset: ?>>) to %[[OUT]][%{{.+}}, %[[COLUMN]]]
// CHECK:         } else {
// CHECK:           %[[ROW:.+]] = arith.addi %[[FIRST]], %{{.+}}
// CHECK:           tile.load %[[X]][%[[ROW]],
// CHECK-NOT:     tile.matmul
func.func @experts(%x: memref<?x4xf32>, %w: memref<12x4x16xf32>, %b: memref<3x64xf32>, %plan: memref<?x11xi32>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<12x4x16xf32>) channels(%b : memref<3x64xf32>) plan(%plan : memref<?x11xi32>)
      outs(%out : memref<?x64xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    %y = arith.addf %acc, %bias : f32
    tile.yield %y : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 16, k = 32, lanes = 16, columns = 16, few = 2>

// In a call of one row every slot reads row 0, and an expert has no second one.
// CHECK-LABEL: func @same_row
// CHECK:         tile.grid
// CHECK-NOT:     scf.if
// CHECK:         %[[FIRST:.+]] = arith.index_castui
// CHECK:         tile.load %{{.+}}[%c0{{[_0-9]*}}, %{{.+}}] last %{{.+}} {planes = 2 : i64} : memref<?x19xi32> -> vector<2x8xi32>
// CHECK:         tile.store %{{.+}} to %{{.+}}[%{{[0-9]+}},
func.func @same_row(%x: memref<?x19xi32>, %w: memref<4x576xi8>, %plan: memref<?x11xi32>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x19xi32>, memref<4x576xi8>) plan(%plan : memref<?x11xi32>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 2 : i64, schedule = #s, most_rows = 1 : i64, same_row} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
