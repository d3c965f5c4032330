// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// 300 channels are two blocks, the second a shorter one whose last vector is masked. A block takes the rows in turn: each finds its
// latest rows in the state of its sequence, sums up from the oldest, and leaves them a row on.
// CHECK-LABEL: func @short_conv
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x300xf32>, %[[W:[a-z0-9]+]]: memref<3x300xf32>, %[[AT:[a-z0-9]+]]: index, %[[OUT:[a-z0-9]+]]: memref<?x300xf32>)
// CHECK:         tile.grid %c2 {
// CHECK:           arith.minsi
// CHECK:           scf.for %[[ROW:.+]] = %c0 to %{{.+}} step %c1 {
// CHECK:             %[[SEQUENCE:.+]] = abi.sequence %[[ROW]]
// CHECK:             %[[STATE:.+]] = abi.page 1 of %[[SEQUENCE]][%c0] at %[[AT]] : memref<2x300xf32>
// CHECK:             scf.for {{.*}} step %c16 {
// CHECK:               %[[OLDEST:.+]] = vector.maskedload %[[STATE]][%c0,
// CHECK:               %[[OLDER:.+]] = vector.maskedload %[[STATE]][%c1,
// CHECK:               %[[OWN:.+]] = vector.maskedload %[[X]][%[[ROW]],
// CHECK:               %[[W0:.+]] = vector.maskedload %[[W]][%c0,
// CHECK:               %[[S0:.+]] = math.fma %[[W0]], %[[OLDEST]], %{{.+}}
// CHECK:               %[[S1:.+]] = math.fma %{{.+}}, %[[OLDER]], %[[S0]]
// CHECK:               %[[S2:.+]] = math.fma %{{.+}}, %[[OWN]], %[[S1]]
// CHECK:               vector.maskedstore %[[STATE]][%c0, %{{.+}}], %{{.+}}, %[[OLDER]]
// CHECK:               vector.maskedstore %[[STATE]][%c1, %{{.+}}], %{{.+}}, %[[OWN]]
// CHECK:               %[[Y:.+]] = arith.negf %[[S2]]
// CHECK:               vector.maskedstore %[[OUT]][%[[ROW]], %{{.+}}], %{{.+}}, %[[Y]]
// CHECK-NOT:     tile.short_conv
func.func @short_conv(%x: memref<?x300xf32>, %w: memref<3x300xf32>, %at: index, %out: memref<?x300xf32>) {
  tile.short_conv ins(%x, %w, %at : memref<?x300xf32>, memref<3x300xf32>) outs(%out : memref<?x300xf32>)
      <group = 1, heads = 1, keys = 1, values = 1, channels = 300, kept = 2> {
  ^bb0(%sum: f32):
    %minus = arith.negf %sum : f32
    tile.yield %minus : f32
  }
  return
}
