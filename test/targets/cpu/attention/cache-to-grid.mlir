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
// CHECK-DAG:       %[[KEYS32:.+]] = vector.load %[[K]]
// CHECK-DAG:       %[[VALUES32:.+]] = vector.load %[[V]]
// CHECK:           arith.maximumf %[[KEYS32]]
// CHECK:           arith.minimumf
// CHECK:           %[[KEY:.+]] = arith.truncf %{{.+}} : vector<2xf32> to vector<2xf16>
// CHECK:           %[[BLOCK:.+]] = arith.divui %[[SLOT]], %{{.+}}
// CHECK:           %[[LANE:.+]] = arith.remui %[[SLOT]], %{{.+}}
// CHECK:           vector.extract %[[KEY]][0]
// CHECK:           memref.store %{{.+}}, %[[KEYS]][%[[HEAD]], %[[BLOCK]], %{{.+}}, %[[LANE]]]
// CHECK:           vector.extract %[[KEY]][1]
// CHECK:           arith.maximumf %[[VALUES32]]
// CHECK:           vector.store %{{.+}}, %[[VALUES]][%[[HEAD]], %[[SLOT]], %{{.+}}] : memref<1x64x2xf16>, vector<2xf16>
// CHECK-NOT:     tile.append
func.func @append(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
  return
}

// -----

// Keys are rotated on the way; a wide cache is f32, as it comes.
// CHECK-LABEL: func @rotated
// CHECK:         abi.page {{.*}} : memref<1x1x2x64xf32>
// CHECK:         %[[COS:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         %[[SIN:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         %[[LOW:.+]] = arith.subf
// CHECK:         %[[HIGH:.+]] = arith.addf
// CHECK:         %[[FIRST:.+]] = vector.extract %[[LOW]][0]
// CHECK:         memref.store %[[FIRST]]
// CHECK:         %[[SECOND:.+]] = vector.extract %[[HIGH]][0]
// CHECK:         memref.store %[[SECOND]]
// CHECK-NOT:     arith.truncf
func.func @rotated(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f32>, frequencies = array<f32: 1.0>}
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
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}
