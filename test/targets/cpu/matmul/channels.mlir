// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s
// RUN: osscc-opt %s --tile-to-vector --split-input-file | FileCheck %s --check-prefix=VECTOR

#s = #tile.schedule<m = 2, n = 16, k = 4, lanes = 16, columns = 16>

// One row and more: every store of a matmul has its channels.
// CHECK-LABEL: func @matmul
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<32xf32>
// CHECK-COUNT-2: tile.store %{{.+}}, %{{.+}} channels(%[[B]] : memref<32xf32>) to %{{.+}}
// CHECK-NOT:     tile.matmul
func.func @matmul(%x: memref<?x4xf32>, %w: memref<2x4x16xf32>, %b: memref<32xf32>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<2x4x16xf32>) channels(%b : memref<32xf32>) outs(%out : memref<?x16xf32>) attributes {parts = 2 : i64, schedule = #s} {
  ^bb0(%g: f32, %u: f32, %ofg: f32, %ofu: f32, %old: f32):
    %a = arith.addf %g, %ofg : f32
    %c = arith.addf %u, %ofu : f32
    %y = arith.mulf %a, %c : f32
    tile.yield %y : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 4, n = 16, k = 32, lanes = 16, columns = 16, few = 4>

// Few rows, whose sums wait in memory, too.
// CHECK-LABEL: func @few_rows
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<16xf32>
// CHECK-COUNT-3: tile.store %{{.+}} channels(%[[B]] : memref<16xf32>)
// CHECK-NOT:     tile.matmul
func.func @few_rows(%x: memref<?x11xi32>, %w: memref<1x576xi8>, %b: memref<16xf32>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x11xi32>, memref<1x576xi8>) channels(%b : memref<16xf32>) outs(%out : memref<?x16xf32>)
      attributes {planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    %y = arith.addf %acc, %bias : f32
    tile.yield %y : f32
  }
  return
}

// -----

// The second part's channels begin behind those of the first; a row of the block reads the same ones.
// VECTOR-LABEL: func @store
// VECTOR-SAME:    %[[A:[a-z0-9]+]]: vector<1x1x16xf32>, %[[C:[a-z0-9]+]]: vector<1x1x16xf32>, %[[B:[a-z0-9]+]]: memref<64xf32>
// VECTOR:         %[[OFA:.+]] = vector.load %[[B]][%[[COLUMN:.+]]] : memref<64xf32>, vector<16xf32>
// VECTOR:         %[[SECOND:.+]] = arith.addi %[[COLUMN]], %c32
// VECTOR:         %[[OFC:.+]] = vector.load %[[B]][%[[SECOND]]] : memref<64xf32>, vector<16xf32>
// VECTOR:         arith.addf %{{.+}}, %[[OFA]] : vector<16xf32>
// VECTOR:         arith.addf %{{.+}}, %[[OFC]] : vector<16xf32>
// VECTOR-NOT:     tile.store
func.func @store(%a: vector<1x1x16xf32>, %c: vector<1x1x16xf32>, %b: memref<64xf32>, %out: memref<?x32xf32>, %row: index, %last: index, %column: index) {
  tile.store %a, %c channels(%b : memref<64xf32>) to %out[%row, %column] last %last {
  ^bb0(%g: f32, %u: f32, %ofg: f32, %ofu: f32, %old: f32):
    %d = arith.addf %g, %ofg : f32
    %e = arith.addf %u, %ofu : f32
    %y = arith.mulf %d, %e : f32
    tile.yield %y : f32
  } : vector<1x1x16xf32>, vector<1x1x16xf32> to memref<?x32xf32>
  return
}

// -----

// 20 columns leave a mask for the second tile, and no channel behind the last is read.
// VECTOR-LABEL: func @edge
// VECTOR-SAME:    %[[B:[a-z0-9]+]]: memref<20xf32>
// VECTOR:         vector.maskedload %[[B]]
// VECTOR:         vector.maskedstore
func.func @edge(%acc: vector<1x1x16xf32>, %b: memref<20xf32>, %out: memref<?x20xf32>, %row: index, %last: index, %column: index) {
  tile.store %acc channels(%b : memref<20xf32>) to %out[%row, %column] last %last {
  ^bb0(%a: f32, %bias: f32, %old: f32):
    %s = arith.addf %a, %bias : f32
    tile.yield %s : f32
  } : vector<1x1x16xf32> to memref<?x20xf32>
  return
}
