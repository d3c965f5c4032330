// RUN: osscc-opt %s --arm-load-rows | FileCheck %s

// A row is one load; the second is the last where there is no other.
// CHECK-LABEL: func @rows
// CHECK-SAME:    (%[[X:.+]]: memref<?x32xf32>, %[[ROW:.+]]: index, %[[LAST:.+]]: index, %[[K:.+]]: index)
// CHECK:         vector.load %[[X]][%[[ROW]], %{{.+}}] : memref<?x32xf32>, vector<8xf32>
// CHECK:         %[[NEXT:.+]] = arith.minsi %{{.+}}, %[[LAST]]
// CHECK:         vector.load %[[X]][%[[NEXT]], %{{.+}}] : memref<?x32xf32>, vector<8xf32>
// CHECK-NOT:     tile.load
func.func @rows(%x: memref<?x32xf32>, %row: index, %last: index, %k: index) -> vector<2x8xf32> {
  %r = tile.load %x[%row, %k] last %last : memref<?x32xf32> -> vector<2x8xf32>
  return %r : vector<2x8xf32>
}

// The planes of a row follow each other.
// CHECK-LABEL: func @planes
// CHECK-SAME:    (%[[X:.+]]: memref<?x38xi32>, %[[ROW:.+]]: index, %{{.+}}: index, %[[K:.+]]: index)
// CHECK:         %[[EIGHT:.+]] = arith.constant 8 : index
// CHECK:         vector.load %[[X]][%[[ROW]], %[[K]]] : memref<?x38xi32>, vector<8xi32>
// CHECK:         %[[AT:.+]] = arith.addi %[[K]], %[[EIGHT]]
// CHECK:         vector.load %[[X]][%[[ROW]], %[[AT]]] : memref<?x38xi32>, vector<8xi32>
func.func @planes(%x: memref<?x38xi32>, %row: index, %last: index, %k: index) -> vector<2x8xi32> {
  %r = tile.load %x[%row, %k] last %last {planes = 2 : i64} : memref<?x38xi32> -> vector<2x8xi32>
  return %r : vector<2x8xi32>
}

// What does not fill registers is left to scalars.
// CHECK-LABEL: func @tail
// CHECK:         tile.load
func.func @tail(%x: memref<?x33xf32>, %row: index, %last: index, %k: index) -> vector<1x1xf32> {
  %r = tile.load %x[%row, %k] last %last : memref<?x33xf32> -> vector<1x1xf32>
  return %r : vector<1x1xf32>
}
