// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 16, columns = 16, few = 4>

// Two planes of 4-bit codes in short streams: one row prefetches the group that comes 12 later in each of two streams, 288 bytes in 5 lines.
// CHECK-LABEL: func @short
// CHECK:         scf.if
// CHECK:           scf.for %[[K:[a-z0-9]+]] = {{.*}} -> (vector<1x1x16xf32>, vector<1x1x16xf32>)
// CHECK:             %[[GROUP:.+]] = arith.divui %[[K]], %c32{{.*}} : index
// CHECK:             arith.addi %[[GROUP]], %c12{{.*}} : index
// CHECK-COUNT-10:    memref.prefetch %{{.+}}, read, locality<2>, data
// CHECK-NOT:         memref.prefetch
// CHECK:             tile.unpack
func.func @short(%x: memref<?x114xi32>, %w: memref<4x1728xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x114xi32>, memref<4x1728xi8>) outs(%out : memref<?x64xf32>)
      attributes {planes = 2 : i64, format = #pack.format<i4, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 16, columns = 16, few = 4>

// A weight above 4 MiB has long streams, which the hardware fetches.
// CHECK-LABEL: func @long
// CHECK:         scf.if
// CHECK-NOT:     memref.prefetch
// CHECK:         } else {
func.func @long(%x: memref<?x114xi32>, %w: memref<4096x1728xi8>, %out: memref<?x65536xf32>) {
  tile.matmul ins(%x, %w : memref<?x114xi32>, memref<4096x1728xi8>) outs(%out : memref<?x65536xf32>)
      attributes {planes = 2 : i64, format = #pack.format<i4, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 16, columns = 16, few = 4, level = 1>

// So it does on CPUs that were measured with prefetches to the first level.
// CHECK-LABEL: func @first_level
// CHECK:         scf.if
// CHECK-NOT:     memref.prefetch
// CHECK:         } else {
func.func @first_level(%x: memref<?x114xi32>, %w: memref<4x1728xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x114xi32>, memref<4x1728xi8>) outs(%out : memref<?x64xf32>)
      attributes {planes = 2 : i64, format = #pack.format<i4, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 16, columns = 16, few = 4>

// One plane, or codes of 8 bits, leave the core time to ask early enough.
// CHECK-LABEL: func @one_plane
// CHECK:         scf.if
// CHECK-NOT:     memref.prefetch
// CHECK:         } else {
func.func @one_plane(%x: memref<?x66xi32>, %w: memref<4x1728xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x66xi32>, memref<4x1728xi8>) outs(%out : memref<?x64xf32>)
      attributes {planes = 1 : i64, format = #pack.format<i4, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 8, columns = 16>

// Registers of 8 lanes: dots keep the core busy between its loads, in any format and however long the streams are, so that one row
// prefetches the group that comes 16 later. More rows do not.
// CHECK-LABEL: func @narrow
// CHECK:         scf.if
// CHECK:           scf.for %[[K:[a-z0-9]+]] = {{.*}} -> (vector<1x2x8xf32>, vector<1x2x8xf32>)
// CHECK:             %[[GROUP:.+]] = arith.divui %[[K]], %c32{{.*}} : index
// CHECK:             arith.addi %[[GROUP]], %c16{{.*}} : index
// CHECK-COUNT-10:    memref.prefetch %{{.+}}, read, locality<2>, data
// CHECK-NOT:         memref.prefetch
// CHECK:             tile.unpack
// CHECK:         } else {
// CHECK-NOT:       memref.prefetch
func.func @narrow(%x: memref<?x66xi32>, %w: memref<4096x1728xi8>, %out: memref<?x65536xf32>) {
  tile.matmul ins(%x, %w : memref<?x66xi32>, memref<4096x1728xi8>) outs(%out : memref<?x65536xf32>)
      attributes {planes = 1 : i64, format = #pack.format<i4, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
