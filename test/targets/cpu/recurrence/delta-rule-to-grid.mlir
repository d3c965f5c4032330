// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// 4 heads of 96 values are 8 blocks of 64: two halves of a head, the second masked. Two value heads share a key head. A block takes
// the rows in turn; each goes over the keys twice: what the state predicts, then what is changed and read. The state lies behind the
// convolution's rows, 192 bytes.
// CHECK-LABEL: func @delta_rule
// CHECK-SAME:    (%[[Q:[a-z0-9]+]]: memref<?x40xf32>, %[[K:[a-z0-9]+]]: memref<?x40xf32>, %[[V:[a-z0-9]+]]: memref<?x384xf32>, %[[A:[a-z0-9]+]]: memref<?x4xf32>, %[[B:[a-z0-9]+]]: memref<?x4xf32>, %[[RATES:[a-z0-9]+]]: memref<4xf32>, %[[SHIFTS:[a-z0-9]+]]: memref<4xf32>, %[[AT:[a-z0-9]+]]: index, %[[OUT:[a-z0-9]+]]: memref<?x384xf32>)
// CHECK:         tile.grid %c8 {
// CHECK:         ^bb0(%[[BLOCK:.+]]: index):
// CHECK:           %[[HEAD:.+]] = arith.divui %[[BLOCK]], %c2
// CHECK:           arith.divui %[[HEAD]], %c2
// CHECK:           scf.for %[[ROW:.+]] = %c0 to %{{.+}} step %c1 {
// CHECK:             %[[BEHIND:.+]] = arith.addi %[[AT]], %c192
// CHECK:             %[[STATE:.+]] = abi.page 1 of %{{.+}}[%c0] at %[[BEHIND]] : memref<80x96xf32>
// CHECK:             vector.load %[[K]]
// CHECK:             math.sqrt
// CHECK:             vector.load %[[Q]]
// CHECK:             math.sqrt
// CHECK:             memref.load %[[A]][%[[ROW]], %[[HEAD]]]
// CHECK:             memref.load %[[SHIFTS]][%[[HEAD]]]
// CHECK:             math.log1p
// CHECK:             memref.load %[[RATES]][%[[HEAD]]]
// CHECK:             arith.negf
// CHECK:             memref.load %[[B]][%[[ROW]], %[[HEAD]]]
// CHECK:             scf.for %{{.+}} = %c0 to %c20 step %c1 iter_args
// CHECK-COUNT-4:       vector.maskedload %[[STATE]]
// CHECK-COUNT-4:       math.fma
// CHECK:               scf.yield
// CHECK-COUNT-4:     vector.maskedload %[[V]]
// CHECK:             scf.for %{{.+}} = %c0 to %c20 step %c1 iter_args
// CHECK-COUNT-4:       vector.maskedload %[[STATE]]
// CHECK-COUNT-4:       vector.maskedstore %[[STATE]]
// CHECK:               scf.yield
// CHECK-COUNT-4:     vector.maskedstore %[[OUT]]
// CHECK-NOT:     tile.delta_rule
func.func @delta_rule(%q: memref<?x40xf32>, %k: memref<?x40xf32>, %v: memref<?x384xf32>, %a: memref<?x4xf32>, %b: memref<?x4xf32>,
                      %rates: memref<4xf32>, %shifts: memref<4xf32>, %at: index, %out: memref<?x384xf32>) {
  tile.delta_rule ins(%q, %k, %v, %a, %b, %rates, %shifts, %at : memref<?x40xf32>, memref<?x40xf32>, memref<?x384xf32>, memref<?x4xf32>,
      memref<?x4xf32>, memref<4xf32>, memref<4xf32>) outs(%out : memref<?x384xf32>)
      <group = 1, heads = 4, keys = 20, values = 96, channels = 40, kept = 1> {eps = 1.0e-6 : f32, log_rates}
  return
}

// -----

// Rates as they are; 32 values are two vectors, whole ones.
// CHECK-LABEL: func @whole
// CHECK:         tile.grid %c2 {
// CHECK:           math.log1p
// CHECK-NOT:       arith.negf
// CHECK:           memref.load
// CHECK:           scf.for
// CHECK-COUNT-2:     vector.load %{{.+}} : memref<32x32xf32>, vector<16xf32>
// CHECK-NOT:       masked
func.func @whole(%q: memref<?x16xf32>, %v: memref<?x64xf32>, %a: memref<?x2xf32>, %rates: memref<2xf32>, %at: index, %out: memref<?x64xf32>) {
  tile.delta_rule ins(%q, %q, %v, %a, %a, %rates, %rates, %at : memref<?x16xf32>, memref<?x16xf32>, memref<?x64xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x64xf32>)
      <group = 0, heads = 2, keys = 16, values = 32, channels = 96, kept = 3> {eps = 1.0e-6 : f32}
  return
}

// -----

// Where heads are tiled, those of a key head are as many apart as there are key heads, here two.
// CHECK-LABEL: func @tiled
// CHECK:         tile.grid %c4 {
// CHECK:           arith.remui %{{.+}}, %c2
func.func @tiled(%q: memref<?x8xf32>, %v: memref<?x64xf32>, %a: memref<?x4xf32>, %rates: memref<4xf32>, %at: index, %out: memref<?x64xf32>) {
  tile.delta_rule ins(%q, %q, %v, %a, %a, %rates, %rates, %at : memref<?x8xf32>, memref<?x8xf32>, memref<?x64xf32>, memref<?x4xf32>,
      memref<?x4xf32>, memref<4xf32>, memref<4xf32>) outs(%out : memref<?x64xf32>)
      <group = 0, heads = 4, keys = 4, values = 16, channels = 80, kept = 1> {eps = 1.0e-6 : f32, tiled}
  return
}
