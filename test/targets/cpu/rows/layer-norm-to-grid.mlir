// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A sum for the mean, then one of the squares of what is left of it, in which lanes past the end are 0; the bias comes last.
// CHECK-LABEL: func @layer_norm
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x20xf32>, %[[W:[a-z0-9]+]]: memref<20xf32>, %[[B:[a-z0-9]+]]: memref<20xf32>
// CHECK:         tile.grid
// CHECK:         scf.for
// CHECK:           %[[A:.+]] = vector.load %[[X]]
// CHECK:           arith.addf %{{.+}}, %[[A]] : vector<16xf32>
// CHECK:         %[[QUOTIENT:.+]] = arith.divf
// CHECK:         %[[MEAN:.+]] = vector.broadcast %[[QUOTIENT]] : f32 to vector<16xf32>
// CHECK:         scf.for
// CHECK:           %[[REST:.+]] = arith.subf %{{.+}}, %[[MEAN]]
// CHECK:           math.fma %[[REST]], %[[REST]]
// CHECK:         %[[LAST:.+]] = arith.subf %{{.+}}, %[[MEAN]]
// CHECK:         %[[INSIDE:.+]] = vector.create_mask
// CHECK:         %[[KEPT:.+]] = arith.select %[[INSIDE]], %[[LAST]], %{{.+}}
// CHECK:         math.fma %[[KEPT]], %[[KEPT]]
// CHECK:         math.sqrt
// CHECK:         scf.for
// CHECK:           %[[LEFT:.+]] = arith.subf %{{.+}}, %[[MEAN]]
// CHECK:           %[[NORMED:.+]] = arith.mulf %[[LEFT]], %{{.+}}
// CHECK:           vector.load %[[W]]
// CHECK:           %[[SCALED:.+]] = arith.mulf %[[NORMED]], %{{.+}}
// CHECK:           %[[SHIFT:.+]] = vector.load %[[B]]
// CHECK:           %[[Y:.+]] = arith.addf %[[SCALED]], %[[SHIFT]]
// CHECK:           vector.store %[[Y]]
// CHECK-NOT:     tile.norm
func.func @layer_norm(%x: memref<?x20xf32>, %w: memref<20xf32>, %b: memref<20xf32>, %out: memref<?x20xf32>) {
  tile.norm ins(%x, %w : memref<?x20xf32>, memref<20xf32>) bias(%b : memref<20xf32>) outs(%out : memref<?x20xf32>) {centered, eps = 1.0e-05 : f32}
  return
}

// -----

// In planes as well: what the group's codes are made of is shifted first.
// CHECK-LABEL: func @in_planes
// CHECK:         math.sqrt
// CHECK:         arith.subf
// CHECK:         %[[Y:.+]] = arith.addf
// CHECK:         math.absf
// CHECK-NOT:     tile.norm
func.func @in_planes(%x: memref<?x32xf32>, %w: memref<32xf32>, %b: memref<32xf32>, %out: memref<?x19xi32>) {
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) bias(%b : memref<32xf32>) outs(%out : memref<?x19xi32>) {centered, eps = 1.0e-05 : f32, planes = 2}
  return
}

// -----

// A table of positions has no input embeddings beside it: each row reads the row of its position.
// CHECK-LABEL: func @positions
// CHECK:         ^bb0(%[[ROW:.+]]: index):
// CHECK-NEXT:      %[[P:.+]] = abi.position %[[ROW]]
// CHECK-NOT:       abi.embeddings
// CHECK:           memref.load %{{.+}}[%[[P]], %{{.+}}] : memref<32x15xbf16>
// CHECK-NOT:     tile.gather
func.func @positions(%table: memref<32x15xbf16>, %out: memref<?x15xf32>) {
  tile.gather positions ins(%table : memref<32x15xbf16>) outs(%out : memref<?x15xf32>)
  return
}
