// RUN: osscc-opt %s --tile-to-vector --canonicalize | FileCheck %s

// CHECK-LABEL: func @bytes
// CHECK-COUNT-8: vector.load %{{.+}} : memref<1x576xi8>, vector<64xi8>
// CHECK-NOT:     tile.unpack
func.func @bytes(%w: memref<1x576xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<i8, group = 32, scale = f16>} : memref<1x576xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// Low halves of four vectors are quads 0 to 3, high halves quads 4 to 7; a table's codes are looked up.
// CHECK-LABEL: func @halves
// CHECK:         vector.load %{{.+}} : memref<1x320xi8>, vector<64xi8>
// CHECK:         arith.andi
// CHECK:         arith.shrui
// CHECK:         tile.lookup
func.func @halves(%w: memref<1x320xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>} : memref<1x320xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// CHECK-LABEL: func @scales
// CHECK:         vector.load %{{.+}} : memref<1x640xi8>, vector<32xi8>
// CHECK:         vector.bitcast %{{.+}} : vector<32xi8> to vector<16xf16>
// CHECK:         arith.extf
func.func @scales(%w: memref<1x640xi8>, %t: index, %k: index) -> vector<1x16xf32> {
  %0 = tile.scales %w[%t, %k] of <ui4, group = 32, scale = f16, minimum = f16> minimum : memref<1x640xi8> -> vector<1x16xf32>
  return %0 : vector<1x16xf32>
}

// Half of a power of two by its bits.
// CHECK-LABEL: func @powers
// CHECK:         arith.extui %{{.+}} : vector<16xi8> to vector<16xi32>
// CHECK:         arith.shli
// CHECK:         arith.bitcast %{{.+}} : vector<16xi32> to vector<16xf32>
func.func @powers(%w: memref<1x320xi8>, %t: index, %k: index) -> vector<1x16xf32> {
  %0 = tile.scales %w[%t, %k] of <f4E2M1FN, group = 32, scale = f8E8M0FNU> : memref<1x320xi8> -> vector<1x16xf32>
  return %0 : vector<1x16xf32>
}

// The two scales, then the minimum.
// CHECK-LABEL: func @accumulate
// CHECK:         %[[N:.+]] = arith.sitofp
// CHECK:         %[[F:.+]] = arith.mulf
// CHECK:         math.fma %[[N]], %[[F]]
// CHECK:         math.fma
func.func @accumulate(%d: vector<1x1x16xi32>, %r: vector<1x2xi32>, %s: vector<1x16xf32>, %acc: vector<1x1x16xf32>, %m: vector<1x16xf32>) -> vector<1x1x16xf32> {
  %0 = tile.accumulate %d, %r scales %s onto %acc minimums %m : vector<1x16xf32> : vector<1x1x16xi32>, vector<1x2xi32>, vector<1x16xf32>, vector<1x1x16xf32>
  return %0 : vector<1x1x16xf32>
}

// The planes of a row follow each other.
// CHECK-LABEL: func @planes
// CHECK-COUNT-4: memref.load
func.func @planes(%x: memref<?x19xi32>, %n: index) -> vector<2x2xi32> {
  %0 = tile.load %x[%n, %n] last %n {planes = 2 : i64} : memref<?x19xi32> -> vector<2x2xi32>
  return %0 : vector<2x2xi32>
}
