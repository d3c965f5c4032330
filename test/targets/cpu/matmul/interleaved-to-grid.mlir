// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// 64 channels in one plane: 16 rows are 2 groups of 176 words, a group 128 words of codes, then 16 scales, 16 sums and 16 offsets. A row's
// codes are 8 words of the 128.
// CHECK-LABEL: func @quantize
// CHECK-SAME:    %[[OUT:[a-z0-9]+]]: memref<?x22xi32>
// CHECK:         %[[SIXTEEN:.+]] = arith.divui %[[ROW:.+]], %c16
// CHECK:         %[[BEGIN:.+]] = arith.muli %[[SIXTEEN]], %c352
// CHECK:         %[[GROUP:.+]] = arith.muli %{{.+}}, %c176
// CHECK:         arith.addi %[[BEGIN]], %[[GROUP]]
// CHECK:         vector.store %{{.+}}, %{{.+}} : memref<?xi32>, vector<4xi32>
// CHECK:         arith.addi %{{.+}}, %c128
// CHECK:         memref.store %{{.+}} : memref<?xi32>
// CHECK:         arith.addi %{{.+}}, %c144
// CHECK:         arith.addi %{{.+}}, %c160
func.func @quantize(%x: memref<?x64xf32>, %out: memref<?x22xi32>) {
  tile.quantize_rows ins(%x : memref<?x64xf32>) outs(%out : memref<?x22xi32>) {interleaved, planes = 1 : i64}
  return
}

// -----

#s = #tile.schedule<m = 2, n = 16, k = 32, lanes = 16, columns = 16, few = 2>

// Vectors read the words one by one, of rows in one sixteen at fixed distances: the next row's codes are 8 words further, its scale one. A matmul of few rows at most has one row's loop
// and few rows' turns.
// CHECK-LABEL: func @few
// CHECK:         tile.grid
// CHECK:         scf.if
// CHECK:         memref.load %{{.+}} : memref<?xi32>
// CHECK-NOT:     tile.load
// CHECK:         vector.from_elements %{{.+}} : vector<1x8xi32>
// CHECK:         } else {
// CHECK-NOT:     scf.if
// CHECK:         arith.remui %{{.+}}, %c16
// CHECK-NOT:     arith.minsi %{{.+}}, %{{.+}} : index
// CHECK:         arith.addi %{{.+}}, %c8{{.*}} : index
// CHECK:         vector.from_elements %{{.+}} : vector<2x8xi32>
// CHECK:         arith.addi %{{.+}}, %c129{{.*}} : index
// CHECK:         vector.from_elements %{{.+}} : vector<2x2xi32>
// CHECK:         vector.from_elements %{{.+}} : vector<2xi32>
func.func @few(%x: memref<?x22xi32>, %w: memref<1x1088xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x22xi32>, memref<1x1088xi8>) outs(%out : memref<?x16xf32>)
      attributes {interleaved, most_rows = 32 : i64, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 16, k = 32, lanes = 16, columns = 16, few = 2>

// One row at most is one tile's loop.
// CHECK-LABEL: func @one
// CHECK-NOT:     scf.if
// CHECK:         tile.load %{{.+}} : memref<?x22xi32> -> vector<1x8xi32>
// CHECK:         tile.store
// CHECK-NOT:     tile.store
func.func @one(%x: memref<?x22xi32>, %w: memref<1x1088xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x22xi32>, memref<1x1088xi8>) outs(%out : memref<?x16xf32>)
      attributes {most_rows = 1 : i64, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
