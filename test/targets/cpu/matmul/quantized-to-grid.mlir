// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// One plane: the largest magnitude over 127, codes as bytes joined to words, then scale, scaled sum and offset.
// CHECK-LABEL: func @quantize
// CHECK:         tile.grid
// CHECK:         math.absf
// CHECK:         arith.divf %{{.+}}, %cst{{.*}} : f32
// CHECK:         arith.trunci %{{.+}} : vector<16xi32> to vector<16xi8>
// CHECK:         vector.bitcast %{{.+}} : vector<16xi8> to vector<4xi32>
// CHECK:         vector.reduction <add>
// CHECK-COUNT-2: arith.bitcast %{{.+}} : f32 to i32
// CHECK:         arith.muli %{{.+}}, %c-128
// CHECK-NOT:     tile.quantize_rows
func.func @quantize(%x: memref<?x32xf32>, %out: memref<?x11xi32>) {
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%out : memref<?x11xi32>) {planes = 1 : i64}
  return
}

// -----

// Two planes: high is the nearest to value / 255, low the rest; channels past the last are masked.
// CHECK-LABEL: func @planes
// CHECK:         vector.maskedload
// CHECK-COUNT-4: arith.trunci
// CHECK:         arith.muli %{{.+}}, %c255
func.func @planes(%x: memref<?x20xf32>, %out: memref<?x19xi32>) {
  tile.quantize_rows ins(%x : memref<?x20xf32>) outs(%out : memref<?x19xi32>) {planes = 2 : i64}
  return
}

// -----

// The norm's rows become codes without being stored as f32.
// CHECK-LABEL: func @norm
// CHECK:         math.sqrt
// CHECK:         math.absf
// CHECK-NOT:     vector.store %{{.+}} : memref<?x32xf32>
// CHECK:         vector.store %{{.+}} : memref<?x11xi32>, vector<4xi32>
func.func @norm(%x: memref<?x32xf32>, %w: memref<32xf32>, %out: memref<?x11xi32>) {
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%out : memref<?x11xi32>) {eps = 1.0e-05 : f32, planes = 1 : i64}
  return
}

// -----

// A step is a group: codes of both planes, their scales and sums, unsigned codes of the weight, a dot and its scaling.
// CHECK-LABEL: func @matmul
// CHECK:         tile.load %{{.+}} {planes = 2 : i64} : memref<?x38xi32> -> vector<2x8xi32>
// CHECK:         tile.unpack
// CHECK-SAME:    -> vector<8x1x64xi8>
// CHECK:         tile.dot
// CHECK-SAME:    zero = 8
// CHECK:         tile.scales
// CHECK:         tile.accumulate
// CHECK:         tile.store
func.func @matmul(%x: memref<?x38xi32>, %w: memref<1x576xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x38xi32>, memref<1x576xi8>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<i4, group = 32, scale = f16>, planes = 2 : i64,
                  schedule = #tile.schedule<m = 4, n = 16, k = 32, lanes = 16, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// A row of a table of blocks: its tile is unpacked, and of the token's lane the code less 8 is multiplied by the group's scale.
// CHECK-LABEL: func @gather
// CHECK:         %[[SCALES:.+]] = memref.alloca() {{.*}} : memref<16xf32>
// CHECK:         abi.token
// CHECK:         %[[LANE:.+]] = arith.remui
// CHECK:         tile.unpack {{.+}} -> vector<8x2x32xi8>
// CHECK:         arith.extui %{{.+}} : vector<16xi8> to vector<16xi32>
// CHECK:         arith.subi %{{.+}}, %cst
// CHECK:         tile.scales
// CHECK:         memref.load %[[SCALES]][%[[LANE]]]
// CHECK:         arith.mulf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:         vector.store %{{.+}} : memref<?x32xf32>, vector<16xf32>
func.func @gather(%table: memref<2x320xi8>, %out: memref<?x32xf32>) {
  tile.gather tokens ins(%table : memref<2x320xi8>) outs(%out : memref<?x32xf32>) {format = #pack.format<i4, group = 32, scale = f16>}
  return
}
