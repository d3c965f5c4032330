// RUN: osscc-opt %s --tile-place-barriers | FileCheck %s

// One before each grid, behind the prefetch that waits there; what is each worker's own is done behind it. Each form has its own.
// CHECK-LABEL: func @segment
// CHECK:         abi.barrier
// CHECK-NEXT:    tile.quantize_rows
// CHECK-NEXT:    tile.prefetch
// CHECK-NEXT:    abi.barrier
// CHECK-NEXT:    tile.norm
// CHECK-NEXT:    tile.norm
// CHECK-NEXT:    tile.quantize_rows
// CHECK-NEXT:    scf.if
// CHECK-NEXT:      abi.barrier
// CHECK-NEXT:      tile.quantize_rows
// CHECK-NEXT:    } else {
// CHECK-NEXT:      abi.barrier
// CHECK-NEXT:      tile.norm
// CHECK-NEXT:      abi.barrier
// CHECK-NEXT:      tile.quantize_rows
// CHECK-NOT:     abi.barrier
func.func @segment(%one: i1, %x: memref<?x32xf32>, %w: memref<32xf32>, %m: memref<2x1024xi8>, %y: memref<?x32xf32>, %q: memref<?x11xi32>) attributes {abi.segment = "layer"} {
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%q : memref<?x11xi32>) {planes = 1 : i64}
  tile.prefetch %m {blocks = 1 : i64, bytes = 64 : i64, streams = 2 : i64} : memref<2x1024xi8>
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32, own}
  tile.norm ins(%y, %w : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32, own}
  tile.quantize_rows ins(%y : memref<?x32xf32>) outs(%q : memref<?x11xi32>) {planes = 1 : i64}
  scf.if %one {
    tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%q : memref<?x11xi32>) {planes = 1 : i64}
  } else {
    tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32}
    tile.quantize_rows ins(%y : memref<?x32xf32>) outs(%q : memref<?x11xi32>) {planes = 1 : i64}
  }
  return
}

// CHECK-LABEL: func @helper
// CHECK-NOT:     abi.barrier
func.func @helper(%x: memref<?x32xf32>, %q: memref<?x11xi32>) {
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%q : memref<?x11xi32>) {planes = 1 : i64}
  return
}
