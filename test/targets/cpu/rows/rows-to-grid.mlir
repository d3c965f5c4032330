// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A norm is a block a row: squares in 16 lanes, the rest of 20 channels under a mask, then lanes are halved four times.
// CHECK-LABEL: func @norm
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x20xf32>
// CHECK:         tile.grid
// CHECK:         scf.for {{.*}} -> (vector<16xf32>)
// CHECK:           %[[V:.+]] = vector.load %[[X]]
// CHECK:           math.fma %[[V]], %[[V]], %{{.+}} : vector<16xf32>
// CHECK:         vector.maskedload %[[X]]
// CHECK:         vector.extract_strided_slice %{{.+}} {offsets = [0], sizes = [8], strides = [1]}
// CHECK:         vector.extract_strided_slice %{{.+}} {offsets = [8], sizes = [8], strides = [1]}
// CHECK:         arith.addf %{{.+}} : vector<8xf32>
// CHECK:         arith.addf %{{.+}} : vector<1xf32>
// CHECK:         math.sqrt
// CHECK:         vector.maskedstore
// CHECK-NOT:     tile.norm
func.func @norm(%x: memref<?x20xf32>, %w: memref<20xf32>, %out: memref<?x20xf32>) {
  tile.norm ins(%x, %w : memref<?x20xf32>, memref<20xf32>) outs(%out : memref<?x20xf32>) {eps = 1.0e-05 : f32}
  return
}

// -----

// A map runs its body on vectors; a constant of the body becomes one of vectors.
// CHECK-LABEL: func @map
// CHECK-DAG:     %[[ONE:.+]] = arith.constant dense<1.000000e+00> : vector<16xf32>
// CHECK:         tile.grid
// CHECK:         %[[SUM:.+]] = arith.addf %{{.+}}, %[[ONE]] : vector<16xf32>
// CHECK:         vector.store %[[SUM]]
// CHECK-NOT:     tile.map
func.func @map(%x: memref<?x16xf32>, %out: memref<?x16xf32>) {
  tile.map ins(%x : memref<?x16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%a: f32, %old: f32):
    %one = arith.constant 1.0 : f32
    %y = arith.addf %a, %one : f32
    tile.yield %y : f32
  }
  return
}

// -----

// One value a channel is read without a row.
// CHECK-LABEL: func @bias
// CHECK-SAME:    (%[[B:[a-z0-9]+]]: memref<16xf32>, %[[OUT:[a-z0-9]+]]: memref<?x16xf32>)
// CHECK:         tile.grid %{{.+}} {
// CHECK-NEXT:    ^bb0(%[[ROW:.+]]: index):
// CHECK:         vector.load %[[B]][%[[C:[a-z0-9]+]]] :
// CHECK:         vector.load %[[OUT]][%[[ROW]], %[[C]]] :
func.func @bias(%b: memref<16xf32>, %out: memref<?x16xf32>) {
  tile.map ins(%b : memref<16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%bias: f32, %old: f32):
    %y = arith.addf %old, %bias : f32
    tile.yield %y : f32
  }
  return
}

// -----

// The angle is rounded to f32, reduced and summed in f64; both channels of a pair are stored for every head.
// CHECK-LABEL: func @rotate
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[ANGLE:.+]] = arith.mulf %{{.+}}, %{{.+}} : vector<2xf32>
// CHECK:         arith.extf %[[ANGLE]] : vector<2xf32> to vector<2xf64>
// CHECK:         math.roundeven
// CHECK-COUNT-2: arith.truncf %{{.+}} : vector<2xf64> to vector<2xf32>
// CHECK:         scf.for
// CHECK:           arith.subf
// CHECK:           vector.store
// CHECK:           arith.addf
// CHECK:           vector.store
// CHECK-NOT:     tile.rotate
func.func @rotate(%x: memref<?x8xf32>, %out: memref<?x8xf32>) {
  tile.rotate ins(%x : memref<?x8xf32>) outs(%out : memref<?x8xf32>) {dims = 4 : i64, frequencies = array<f32: 1.0, 0.5>}
  return
}

// -----

// A token's row lies scattered over its tile: pairs of channels, 16 rows each. Input embeddings, where the call has them, are copied.
// CHECK-LABEL: func @tokens
// CHECK:         %[[GIVEN:.+]], %{{.+}} = abi.embeddings
// CHECK:         scf.if %[[GIVEN]]
// CHECK:         } else {
// CHECK:           %[[TOKEN:.+]] = abi.token
// CHECK:           %[[TILE:.+]] = arith.divui %[[TOKEN]], %{{.+}}
// CHECK:           %[[LANE:.+]] = arith.remui %[[TOKEN]], %{{.+}}
// CHECK:           memref.load %{{.+}}[%[[TILE]], %{{.+}}, %[[LANE]], %{{.+}}] : memref<2x8x16x2xbf16>
// CHECK:           arith.extf
// CHECK-NOT:     tile.gather
func.func @tokens(%table: memref<2x8x16x2xbf16>, %out: memref<?x16xf32>) {
  tile.gather tokens ins(%table : memref<2x8x16x2xbf16>) outs(%out : memref<?x16xf32>)
  return
}

// -----

// CHECK-LABEL: func @outputs
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x16xf32>
// CHECK:         %[[FROM:.+]] = abi.output_row
// CHECK:         vector.load %[[X]][%[[FROM]], %{{.+}}]
// CHECK-NOT:     tile.gather
func.func @outputs(%x: memref<?x16xf32>, %out: memref<?x16xf32>) {
  tile.gather outputs ins(%x : memref<?x16xf32>) outs(%out : memref<?x16xf32>)
  return
}
