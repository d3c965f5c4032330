// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// One row of 20 channels a position, of which 16 are the value: eight query heads of one key-value head are two blocks of four. Scores
// are sums over channels, folded; the heads are no copies of the kernel beside these four.
// CHECK-LABEL: func @latents
// CHECK-SAME:    (%[[Q:[a-z0-9]+]]: memref<?x128xf32>, %[[REST:[a-z0-9]+]]: memref<?x32xf32>, %[[OFFSET:[a-z0-9]+]]: index, %[[OUT:[a-z0-9]+]]: memref<?x128xf32>)
// CHECK:         %[[BLOCKS:.+]] = arith.muli %{{.+}}, %c2
// CHECK:         tile.grid
// CHECK:           vector.load %[[Q]]
// CHECK:           vector.load %[[REST]]
// CHECK:           abi.page {{.*}} : memref<1x64x20xf16>
// CHECK-NOT:       abi.page
// CHECK-COUNT-16:  math.fma %{{.+}}, %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:           math.fma %{{.+}}, %{{.+}}, %{{.+}} : vector<4xf32>
// CHECK:           vector.extract_strided_slice
// CHECK:           math.exp
// CHECK:           vector.store %{{.+}}, %[[OUT]]
// CHECK-NOT:     tile.attend
func.func @latents(%q: memref<?x128xf32>, %rest: memref<?x32xf32>, %offset: index, %out: memref<?x128xf32>) {
  tile.attend ins(%q, %offset : memref<?x128xf32>) outs(%out : memref<?x128xf32>) rest(%rest : memref<?x32xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 20, rows = 64, stored = f16, values = 16>, scale = 0.5 : f32}
  return
}

// -----

// The value first, then what turns. A code has the scale of its part.
// CHECK-LABEL: func @append
// CHECK-SAME:    (%[[K:[a-z0-9]+]]: memref<?x4xf32>, %[[V:[a-z0-9]+]]: memref<?x16xf32>, %{{.+}}: index)
// CHECK:         %[[ROWS:.+]] = abi.page {{.*}} : memref<1x64x20xi8>
// CHECK:         %[[KS:.+]] = abi.page {{.*}} : memref<1x64xf32>
// CHECK:         %[[VS:.+]] = abi.page {{.*}} : memref<1x64xf32>
// CHECK:         memref.store %{{.+}}, %[[KS]]
// CHECK:         memref.store %{{.+}}, %[[VS]]
// CHECK:         vector.store %{{.+}}, %[[ROWS]]{{.*}} : memref<1x64x20xi8>, vector<16xi8>
// CHECK-COUNT-2: vector.store %{{.+}}, %[[ROWS]]{{.*}} : memref<1x64x20xi8>, vector<2xi8>
// CHECK-NOT:     tile.append
func.func @append(%k: memref<?x4xf32>, %v: memref<?x16xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x4xf32>, memref<?x16xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 20, rows = 64, stored = i8, values = 16>, frequencies = array<f32: 1., 0.5>}
  return
}
