// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A row goes to the page of its position: keys channel by channel across positions, values behind them position by position.
// CHECK-LABEL: func @append
// CHECK-SAME:    (%{{.+}}, %{{.+}}, %[[OFFSET:[a-z0-9]+]]: index)
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[S:.+]] = abi.sequence
// CHECK:         %[[NUMBER:.+]] = arith.divui %[[P]], %{{.+}}
// CHECK:         %[[KEYS:.+]] = abi.page 0 of %[[S]][%[[NUMBER]]] at %[[OFFSET]] : memref<1x4x2x16xf32>
// CHECK:         %[[VALUES:.+]] = abi.page 0 of %[[S]][%[[NUMBER]]] at %{{.+}} : memref<1x64x2xf32>
// CHECK:         %[[SLOT:.+]] = arith.remui %[[P]], %{{.+}}
// CHECK:         %[[BLOCK:.+]] = arith.divui %[[SLOT]], %{{.+}}
// CHECK:         %[[IN:.+]] = arith.remui %[[SLOT]], %{{.+}}
// CHECK:         memref.store %{{.+}}, %[[KEYS]][%[[HEAD:.+]], %[[BLOCK]], %[[LANE:.+]], %[[IN]]]
// CHECK:         memref.store %{{.+}}, %[[VALUES]][%[[HEAD]], %[[SLOT]], %[[LANE]]]
// CHECK-NOT:     tile.append
func.func @append(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, size = 2 : i64}
  return
}

// -----

// Two query heads share one key head and read its keys together. Blocks of 16 positions: scores in 16 lanes, those past the row's
// position are -inf; of each head the running maximum, the running sums and the output go round; values only of positions that exist.
// CHECK-LABEL: func @attend
// CHECK-DAG:     arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK:         tile.grid
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (f32, vector<16xf32>, vector<4xf32>, f32, vector<16xf32>, vector<4xf32>)
// CHECK:           abi.page 0
// CHECK:           scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-2:     math.fma
// CHECK:           %[[SEEN:.+]] = vector.create_mask
// CHECK:           %[[SCORES:.+]] = arith.select %[[SEEN]]
// CHECK:           arith.select %[[SEEN]]
// CHECK:           vector.reduction <maxnumf>, %[[SCORES]]
// CHECK:           arith.maxnumf
// CHECK-COUNT-2:   math.exp
// CHECK:           arith.minsi
// CHECK:           scf.for {{.*}} -> (vector<4xf32>)
// CHECK:           scf.for {{.*}} -> (vector<4xf32>)
// CHECK-COUNT-2: vector.store %{{.+}} : memref<?x8xf32>, vector<4xf32>
// CHECK-NOT:     tile.attend
func.func @attend(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 4 : i64}
  return
}
