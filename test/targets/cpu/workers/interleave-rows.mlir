// RUN: osscc-opt %s --tile-interleave-rows --split-input-file | FileCheck %s

// Records that workers share are interleaved, where they are written and where they are read; what a segment does for one row stays, and
// its matmul is told that there is no more.
// CHECK-LABEL: func @layer
// CHECK:         scf.if
// CHECK:           tile.quantize_rows {{.*}} {planes = 1 : i64}
// CHECK:           tile.matmul {{.*}} attributes {format = {{.*}}, most_rows = 1 : i64, planes = 1 : i64}
// CHECK:         } else {
// CHECK:           tile.quantize_rows {{.*}} {interleaved, planes = 1 : i64}
// CHECK:           tile.matmul {{.*}} attributes {format = {{.*}}, interleaved, planes = 1 : i64}
func.func @layer(%x: memref<?x32xf32>, %w: memref<2x576xi8>, %y: memref<?x32xf32>, %one: i1, %n: index) {
  scf.if %one {
    %codes = memref.alloc(%n) : memref<?x11xi32>
    tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%codes : memref<?x11xi32>) {planes = 1 : i64}
    tile.matmul ins(%codes, %w : memref<?x11xi32>, memref<2x576xi8>) outs(%y : memref<?x32xf32>) attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 1 : i64} {
    ^bb0(%acc: f32, %old: f32):
      tile.yield %acc : f32
    }
  } else {
    %codes = memref.alloc(%n) : memref<?x11xi32>
    tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%codes : memref<?x11xi32>) {planes = 1 : i64}
    tile.matmul ins(%codes, %w : memref<?x11xi32>, memref<2x576xi8>) outs(%y : memref<?x32xf32>) attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 1 : i64} {
    ^bb0(%acc: f32, %old: f32):
      tile.yield %acc : f32
    }
  }
  return
}

// -----

// Rows of floats, and records that something else reads too, stay as they are.
// CHECK-LABEL: func @others
// CHECK-NOT:     interleaved
func.func @others(%x: memref<?x32xf32>, %s: memref<32xf32>, %n: index) -> memref<?x11xi32> {
  %floats = memref.alloc(%n) : memref<?x32xf32>
  tile.norm ins(%x, %s : memref<?x32xf32>, memref<32xf32>) outs(%floats : memref<?x32xf32>) {eps = 1.0e-05 : f32}
  %codes = memref.alloc(%n) : memref<?x11xi32>
  tile.norm ins(%x, %s : memref<?x32xf32>, memref<32xf32>) outs(%codes : memref<?x11xi32>) {eps = 1.0e-05 : f32, planes = 1 : i64}
  return %codes : memref<?x11xi32>
}
