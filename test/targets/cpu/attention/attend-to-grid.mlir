// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// With partial records: the past of up to 8 rows is cut into as many spans as the longest has, where the records suffice. Then a block is
// a span and leaves its record, and a second grid merges them in their order.
// CHECK-LABEL: func @spans
// CHECK-SAME:    (%[[Q:[a-z0-9]+]]: memref<?x8xf32>, %[[OFFSET:[a-z0-9]+]]: index, %[[OUT:[a-z0-9]+]]: memref<?x8xf32>, %[[P:[a-z0-9]+]]: memref<256x72xf32>)
// CHECK:         %[[FEW:.+]] = arith.cmpi ule, %{{.+}}, %c8
// CHECK:         %[[SPANS:.+]] = scf.for
// CHECK:           abi.position
// CHECK:           arith.maxui
// CHECK:         %[[FITS:.+]] = arith.cmpi ule, %{{.+}}, %c256
// CHECK:         %[[CUT:.+]] = arith.select %[[FITS]], %[[SPANS]], %c1
// CHECK:         %[[ISCUT:.+]] = arith.cmpi ne, %[[CUT]], %c1
// CHECK:         tile.grid
// CHECK:           scf.if %[[ISCUT]] {
// CHECK:             vector.store %{{.+}}, %[[P]]
// CHECK:           } else {
// CHECK:             vector.store %{{.+}}, %[[OUT]]
// CHECK:         scf.if %[[ISCUT]] {
// CHECK:           abi.barrier
// CHECK:           tile.grid
// CHECK:             scf.for
// CHECK:               vector.load %[[P]]
// CHECK:             vector.store %{{.+}}, %[[OUT]]
// CHECK-NOT:     tile.attend
func.func @spans(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>, %partials: memref<256x72xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) partials(%partials : memref<256x72xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}

// -----

// Queries are rotated into the scratch; the output leaves as records.
// CHECK-LABEL: func @codes
// CHECK:         arith.subf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:         memref.store %{{.+}}, %{{.+}}[%{{.+}}] : memref<?x11xi32>
// CHECK-NOT:     tile.attend
func.func @codes(%q: memref<?x32xf32>, %offset: index, %out: memref<?x11xi32>) {
  tile.attend ins(%q, %offset : memref<?x32xf32>) outs(%out : memref<?x11xi32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>, frequencies = array<f32: 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.>, planes = 1 : i64, scale = 0.5 : f32}
  return
}

// -----

// A cache of codes: behind them the scales of keys and of values. A head's scale is its largest magnitude / 127.
// CHECK-LABEL: func @append_codes
// CHECK:         abi.page {{.*}} : memref<1x1x32x64xi8>
// CHECK:         abi.page {{.*}} : memref<1x64x32xi8>
// CHECK:         %[[KS:.+]] = abi.page {{.*}} : memref<1x64xf32>
// CHECK:         %[[VS:.+]] = abi.page {{.*}} : memref<1x64xf32>
// CHECK:         math.absf
// CHECK:         vector.reduction <maxnumf>
// CHECK:         %[[SCALE:.+]] = arith.select
// CHECK:         memref.store %{{.+}}, %[[KS]]
// CHECK:         memref.store %{{.+}}, %[[VS]]
// CHECK:         arith.trunci %{{.+}} : vector<16xi32> to vector<16xi8>
// CHECK-NOT:     tile.append
func.func @append_codes(%k: memref<?x32xf32>, %v: memref<?x32xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x32xf32>, memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = i8>}
  return
}

// -----

// Scores take the scales of keys; weights, not their sums, those of values.
// CHECK-LABEL: func @attend_codes
// CHECK:         arith.extsi %{{.+}} : vector<16xi8> to vector<16xi32>
// CHECK:         arith.sitofp
// CHECK:         %[[KEYS:.+]] = vector.load %{{.+}} : memref<1x64xf32>, vector<16xf32>
// CHECK:         arith.mulf %[[KEYS]], %{{.+}}
// CHECK-COUNT-3: vector.load %{{.+}} : memref<1x64xf32>, vector<16xf32>
// CHECK:         %[[VALUES:.+]] = vector.load %{{.+}} : memref<1x64xf32>, vector<16xf32>
// CHECK:         memref.prefetch %{{.+}} : memref<1x64xf32>
// CHECK:         %[[WEIGHT:.+]] = math.exp %{{.+}} : vector<16xf32>
// CHECK:         %[[SCALED:.+]] = arith.mulf %[[WEIGHT]], %[[VALUES]]
// CHECK:         vector.store %[[SCALED]]
// CHECK:         arith.addf %{{.+}}, %[[WEIGHT]]
// CHECK-NOT:     tile.attend
func.func @attend_codes(%q: memref<?x32xf32>, %offset: index, %out: memref<?x32xf32>) {
  tile.attend ins(%q, %offset : memref<?x32xf32>) outs(%out : memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = i8>, scale = 0.5 : f32}
  return
}

// -----

// The block that reads a row's last span, its own position in it, appends key and value first.
// CHECK-LABEL: func @append
// CHECK-SAME:    (%{{[a-z0-9]+}}: memref<?x8xf32>, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: memref<?x8xf32>, %{{[a-z0-9]+}}: memref<256x72xf32>, %[[K:[a-z0-9]+]]: memref<?x4xf32>, %[[V:[a-z0-9]+]]: memref<?x4xf32>)
// CHECK:         tile.grid
// CHECK:           %[[SPANS:.+]] = arith.addi %{{.+}}, %c1
// CHECK:           %[[END:.+]] = arith.select
// CHECK:           %[[LAST:.+]] = arith.cmpi eq, %[[END]], %[[SPANS]]
// CHECK:           scf.if %[[LAST]] {
// CHECK:             %[[VALUES:.+]] = abi.page {{.*}} : memref<1x64x4xf16>
// CHECK:             vector.load %[[K]]
// CHECK:             vector.load %[[V]]
// CHECK:             vector.store %{{.+}}, %[[VALUES]]
// CHECK:           math.exp
func.func @append(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>, %partials: memref<256x72xf32>, %k: memref<?x4xf32>, %v: memref<?x4xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) partials(%partials : memref<256x72xf32>) append(%k, %v : memref<?x4xf32>, memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}
