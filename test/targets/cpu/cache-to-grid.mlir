// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A row goes to the page of its position, in f16 that a value beyond it cannot leave: keys channel by channel across positions, values
// behind them position by position.
// CHECK-LABEL: func @append
// CHECK-SAME:    (%[[K:[a-z0-9]+]]: memref<?x2xf32>, %[[V:[a-z0-9]+]]: memref<?x2xf32>, %[[OFFSET:[a-z0-9]+]]: index)
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[S:.+]] = abi.sequence
// CHECK:         %[[NUMBER:.+]] = arith.divui %[[P]], %{{.+}}
// CHECK:         %[[KEYS:.+]] = abi.page 0 of %[[S]][%[[NUMBER]]] at %[[OFFSET]] : memref<1x1x2x64xf16>
// CHECK:         %[[VALUES:.+]] = abi.page 0 of %[[S]][%[[NUMBER]]] at %{{.+}} : memref<1x64x2xf16>
// CHECK:         %[[SLOT:.+]] = arith.remui %[[P]], %{{.+}}
// CHECK:         scf.for %[[HEAD:.+]] =
// CHECK:           vector.load %[[K]]
// CHECK:           arith.maximumf
// CHECK:           arith.minimumf
// CHECK:           %[[KEY:.+]] = arith.truncf %{{.+}} : vector<2xf32> to vector<2xf16>
// CHECK:           %[[BLOCK:.+]] = arith.divui %[[SLOT]], %{{.+}}
// CHECK:           %[[LANE:.+]] = arith.remui %[[SLOT]], %{{.+}}
// CHECK:           vector.extract %[[KEY]][0]
// CHECK:           memref.store %{{.+}}, %[[KEYS]][%[[HEAD]], %[[BLOCK]], %{{.+}}, %[[LANE]]]
// CHECK:           vector.extract %[[KEY]][1]
// CHECK:           vector.load %[[V]]
// CHECK:           vector.store %{{.+}}, %[[VALUES]][%[[HEAD]], %[[SLOT]], %{{.+}}] : memref<1x64x2xf16>, vector<2xf16>
// CHECK-NOT:     tile.append
func.func @append(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, size = 2 : i64}
  return
}

// -----

// Keys are rotated on the way; a wide cache is f32, as it comes.
// CHECK-LABEL: func @rotated
// CHECK:         abi.page {{.*}} : memref<1x1x2x64xf32>
// CHECK:         %[[COS:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         %[[SIN:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         %[[LOW:.+]] = arith.subf
// CHECK:         %[[FIRST:.+]] = vector.extract %[[LOW]][0]
// CHECK:         memref.store %[[FIRST]]
// CHECK:         arith.addf
// CHECK-NOT:     arith.truncf
func.func @rotated(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {frequencies = array<f32: 1.0>, group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, size = 2 : i64, wide}
  return
}

// -----

// Two query heads share one key head and read its keys and values together. A step is 64 positions: 4 vectors of scores a head, those past
// the row's position -inf; of each head the running maximum and the running sums go round; values only of positions that exist. A span is 8
// steps; spans merge in the worker's total, weighted by exp(maximum - new maximum), and at the end it is divided by its sums.
// CHECK-LABEL: func @attend
// CHECK-DAG:     arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK:         %[[QUERIES:.+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
// CHECK:         %[[RECORD:.+]] = memref.alloca() {alignment = 64 : i64} : memref<72xf32>
// CHECK:         %[[WEIGHTS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<256xf32>
// CHECK:         %[[TOTAL:.+]] = memref.alloca() {alignment = 64 : i64} : memref<72xf32>
// CHECK:         tile.grid
// CHECK:         vector.store %{{.+}}, %[[QUERIES]]
// CHECK:         vector.store %{{.+}}, %[[TOTAL]]
// CHECK:         scf.for %[[NUMBER:.+]] =
// CHECK:         %[[BEGIN:.+]] = arith.muli %[[NUMBER]], %{{.+}}
// CHECK:         %[[END:.+]] = arith.minsi
// CHECK:         scf.for {{.*}} = %[[BEGIN]] to %[[END]] step {{.*}} iter_args({{.*}}) -> (f32, vector<16xf32>, f32, vector<16xf32>)
// CHECK:           abi.page 0
// CHECK:           scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4:     arith.extf %{{.+}} : vector<16xf16> to vector<16xf32>
// CHECK-COUNT-2:     memref.prefetch %{{.+}}, read, locality<2>, data : memref<1x64x4xf16>
// CHECK-COUNT-8:     math.fma
// CHECK:           %[[SEEN:.+]] = vector.create_mask
// CHECK:           arith.select %[[SEEN]]
// CHECK:           vector.reduction <maxnumf>
// CHECK-COUNT-5:   math.exp
// CHECK:           arith.minsi
// CHECK:           scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>)
// CHECK:             memref.prefetch %{{.+}} : memref<1x1x4x64xf16>
// CHECK:             arith.extf %{{.+}} : vector<4xf16> to vector<4xf32>
// CHECK-COUNT-2:     math.fma
// CHECK:           vector.store %{{.+}}, %[[RECORD]]
// CHECK:         %[[OLD:.+]] = vector.load %[[TOTAL]]
// CHECK:         %[[NEW:.+]] = vector.load %[[RECORD]]
// CHECK:         arith.maxnumf %[[OLD]], %[[NEW]]
// CHECK-COUNT-2: math.exp
// CHECK-COUNT-2: math.fma
// CHECK:         arith.divf
// CHECK:         vector.store %{{.+}} : memref<?x8xf32>, vector<8xf32>
// CHECK-NOT:     tile.attend
// CHECK-NOT:     tile.grid
func.func @attend(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 4 : i64}
  return
}

// -----

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
// CHECK:           tile.grid
// CHECK:             scf.for
// CHECK:               vector.load %[[P]]
// CHECK:             vector.store %{{.+}}, %[[OUT]]
// CHECK-NOT:     tile.attend
func.func @spans(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>, %partials: memref<256x72xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) partials(%partials : memref<256x72xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 4 : i64}
  return
}

// -----

// Queries are rotated into the scratch; the output leaves as records.
// CHECK-LABEL: func @codes
// CHECK:         arith.subf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:         memref.store %{{.+}}, %{{.+}}[%{{.+}}] : memref<?x11xi32>
// CHECK-NOT:     tile.attend
func.func @codes(%q: memref<?x32xf32>, %offset: index, %out: memref<?x11xi32>) {
  tile.attend ins(%q, %offset : memref<?x32xf32>) outs(%out : memref<?x11xi32>) {frequencies = array<f32: 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.>, group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, planes = 1 : i64, scale = 0.5 : f32, size = 32 : i64}
  return
}
