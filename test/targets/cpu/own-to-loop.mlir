// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// What is each worker's own is a loop: no blocks to share.
// CHECK-LABEL: func @norm
// CHECK-NOT:     tile.grid
// CHECK:         scf.for
// CHECK:           math.sqrt
// CHECK-NOT:     tile.norm
func.func @norm(%x: memref<?x32xf32>, %w: memref<32xf32>, %out: memref<?x32xf32>) {
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%out : memref<?x32xf32>) {eps = 1.0e-05 : f32, own}
  return
}

// -----

// CHECK-LABEL: func @norm_in_planes
// CHECK-NOT:     tile.grid
// CHECK:         scf.for
// CHECK:           vector.store %{{.+}} : memref<?x11xi32>, vector<4xi32>
// CHECK-NOT:     tile.norm
func.func @norm_in_planes(%x: memref<?x32xf32>, %w: memref<32xf32>, %out: memref<?x11xi32>) {
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%out : memref<?x11xi32>) {eps = 1.0e-05 : f32, own, planes = 1 : i64}
  return
}

// -----

// CHECK-LABEL: func @quantize
// CHECK-NOT:     tile.grid
// CHECK:         scf.for
// CHECK:           vector.store %{{.+}} : memref<?x11xi32>, vector<4xi32>
// CHECK-NOT:     tile.quantize_rows
func.func @quantize(%x: memref<?x32xf32>, %out: memref<?x11xi32>) {
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%out : memref<?x11xi32>) {own, planes = 1 : i64}
  return
}

// -----

// CHECK-LABEL: func @gather
// CHECK-NOT:     tile.grid
// CHECK:         scf.for
// CHECK:           abi.output_row
// CHECK-NOT:     tile.gather
func.func @gather(%x: memref<?x32xf32>, %out: memref<?x32xf32>) {
  tile.gather outputs ins(%x : memref<?x32xf32>) outs(%out : memref<?x32xf32>) {own}
  return
}
