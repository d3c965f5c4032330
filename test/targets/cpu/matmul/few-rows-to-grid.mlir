// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

#s = #tile.schedule<m = 2, n = 32, k = 32, lanes = 16, columns = 16, few = 4, level = 1>

// Two streams of two tiles of 8 bits. 2 to 32 rows take turns of two groups of every stream, 4 rows at a time, whose sums wait in memory;
// the group that lies 8 further in the stream is prefetched to the first-level cache, 544 bytes in 9 lines. One row and many rows prefetch nothing.
// CHECK-LABEL: func @few
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x66xi32>, %[[W:[a-z0-9]+]]: memref<4x3264xi8>
// CHECK:         %[[WAITING:.+]] = memref.alloca() {alignment = 64 : i64} : memref<2x32x16xf32>
// CHECK:         tile.grid %c2
// CHECK:         scf.if
// CHECK-NOT:       memref.prefetch
// CHECK:         } else {
// CHECK:           %[[FEW:.+]] = arith.cmpi sle, %{{.+}}, %c32{{.*}} : index
// CHECK:           scf.if %[[FEW]] {
// CHECK:             scf.for %[[BEGIN:[a-z0-9]+]] = %c0{{.*}} to %c192{{.*}} step %c64
// CHECK:               %[[END:.+]] = arith.minsi
// CHECK:               scf.for %[[STREAM:[a-z0-9]+]] = %c0{{.*}} to %c2{{.*}} step %c1
// CHECK:                 scf.for %[[ROW:[a-z0-9]+]] = {{.*}} step %c4
// CHECK:                   vector.load %[[WAITING]][%[[STREAM]], %{{.+}}, %{{.+}}] : memref<2x32x16xf32>, vector<16xf32>
// CHECK:                   scf.for %[[K:[a-z0-9]+]] = %[[BEGIN]] to %[[END]] step %c32{{.*}} -> (vector<4x1x16xf32>)
// CHECK:                     arith.addi %{{.+}}, %c8{{.*}} : index
// CHECK-COUNT-9:             memref.prefetch %{{.+}}, read, locality<3>, data : memref<13056xi8>
// CHECK:                     tile.unpack %[[W]][%{{.+}}, %[[K]]]
// CHECK:                   vector.store %{{.+}}, %[[WAITING]]
// CHECK:             tile.store
// CHECK:           } else {
// CHECK-NOT:         memref.prefetch
// CHECK:           scf.for {{.*}} -> (vector<2x1x16xf32>)
// CHECK-NOT:     memref.prefetch
func.func @few(%x: memref<?x66xi32>, %w: memref<4x3264xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x66xi32>, memref<4x3264xi8>) outs(%out : memref<?x64xf32>)
      attributes {planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 2, n = 16, k = 32, lanes = 16, columns = 16, few = 2>

// Gate and up wait side by side, and both are stored by one epilogue. To the second-level cache prefetches run 16 groups ahead.
// CHECK-LABEL: func @parts
// CHECK:         memref.alloca() {alignment = 64 : i64} : memref<1x32x32xf32>
// CHECK-COUNT-4:         vector.load
// CHECK:                 scf.for {{.*}} -> (vector<2x1x16xf32>, vector<2x1x16xf32>)
// CHECK:                   arith.addi %{{.+}}, %c16{{.*}} : index
// CHECK:                   memref.prefetch %{{.+}}, read, locality<2>
// CHECK-COUNT-4:         vector.store
// CHECK:                 tile.store %{{.+}}, %{{.+}} to
func.func @parts(%x: memref<?x66xi32>, %w: memref<2x3264xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x66xi32>, memref<2x3264xi8>) outs(%out : memref<?x16xf32>)
      attributes {parts = 2 : i64, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%gate: f32, %up: f32, %old: f32):
    %y = arith.mulf %gate, %up : f32
    tile.yield %y : f32
  }
  return
}
