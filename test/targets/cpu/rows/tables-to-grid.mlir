// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// Of a table that lies row by row a token reads its own row: of floats its channels.
// CHECK-LABEL: func @floats
// CHECK:         scf.if
// CHECK:         } else {
// CHECK:           %[[TOKEN:.+]] = abi.token
// CHECK-NOT:       arith.remui
// CHECK:           scf.for %[[C:.+]] =
// CHECK:             memref.load %{{.+}}[%[[TOKEN]], %[[C]]] : memref<32x15xbf16>
// CHECK:             arith.extf
// CHECK-NOT:     tile.gather
func.func @floats(%table: memref<32x15xbf16>, %out: memref<?x15xf32>) {
  tile.gather tokens ins(%table : memref<32x15xbf16>) outs(%out : memref<?x15xf32>)
  return
}

// -----

// Of blocks a span of it, here 32 codes and a scale, goes into the first row of a tile, which is unpacked as any other.
// CHECK-LABEL: func @blocks
// CHECK:         %[[TILE:.+]] = memref.alloca() {{.*}} : memref<1x544xi8>
// CHECK:           %[[TOKEN:.+]] = abi.token
// CHECK-COUNT-1:   vector.load %{{.+}}[%[[TOKEN]], %{{.+}}] : memref<32x68xi8>, vector<4xi8>
// CHECK:           vector.store %{{.+}}, %[[TILE]][%{{.+}}, %{{.+}}] : memref<1x544xi8>, vector<4xi8>
// CHECK:           vector.load %{{.+}}[%[[TOKEN]], %{{.+}}] : memref<32x68xi8>, vector<2xi8>
// CHECK:           tile.unpack %[[TILE]]
// CHECK:           tile.scales %[[TILE]]
// CHECK-NOT:     tile.gather
func.func @blocks(%table: memref<32x68xi8>, %out: memref<?x64xf32>) {
  tile.gather tokens ins(%table : memref<32x68xi8>) outs(%out : memref<?x64xf32>) {format = #pack.format<i8, group = 32, scale = f16>}
  return
}
