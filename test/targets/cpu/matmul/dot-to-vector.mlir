// RUN: osscc-opt %s --dot-to-vector | FileCheck %s

// CHECK-LABEL: func @floats
// CHECK:         vector.broadcast
// CHECK:         %[[P:.+]] = arith.mulf
// CHECK:         arith.addf %[[P]]
// CHECK-NOT:     math.fma
func.func @floats(%a: vector<1x1xf32>, %b: vector<1x1x8xf32>, %acc: vector<1x1x8xf32>) -> vector<1x1x8xf32> {
  %r = tile.dot %a, %b, %acc : vector<1x1xf32>, vector<1x1x8xf32>, vector<1x1x8xf32>
  return %r : vector<1x1x8xf32>
}

// Four codes of a word, each sign-extended by shifts, times the byte of every lane's word.
// CHECK-LABEL: func @bytes
// CHECK:         vector.broadcast %{{.+}} : i32 to vector<8xi32>
// CHECK:         arith.addi
// CHECK:         vector.bitcast %{{.+}} : vector<32xi8> to vector<8xi32>
// CHECK-COUNT-4: arith.shrsi
// CHECK-NOT:     tile.dot
func.func @bytes(%a: vector<1x1xi32>, %b: vector<1x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 128 : i64} : vector<1x1xi32>, vector<1x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}

// CHECK-LABEL: func @lookup
// CHECK-COUNT-15: arith.select
// CHECK-NOT:     tile.lookup
func.func @lookup(%y: vector<32xi8>) -> vector<32xi8> {
  %0 = tile.lookup %y in [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0] : vector<32xi8>
  return %0 : vector<32xi8>
}

// CHECK-LABEL: func @half
// CHECK:         arith.extui %{{.+}} : vector<8xi16> to vector<8xi32>
// CHECK:         arith.mulf
// CHECK-NOT:     arith.extf
func.func @half(%x: vector<8xf16>) -> vector<8xf32> {
  %0 = arith.extf %x : vector<8xf16> to vector<8xf32>
  return %0 : vector<8xf32>
}

// CHECK-LABEL: func @narrow
// CHECK:         arith.cmpi ult
// CHECK:         arith.trunci %{{.+}} : vector<8xi32> to vector<8xi16>
// CHECK:         arith.bitcast %{{.+}} : vector<8xi16> to vector<8xf16>
// CHECK-NOT:     arith.truncf
func.func @narrow(%x: vector<8xf32>) -> vector<8xf16> {
  %0 = arith.truncf %x : vector<8xf32> to vector<8xf16>
  return %0 : vector<8xf16>
}
