// RUN: osscc-opt %s --tile-to-vector --canonicalize | FileCheck %s
// Codes that lie in planes of bits: each quad's field is moved to its place by words, masked, and joined.

// The fifth bits of 32 channels are one register: bit q of a byte is quad q's, moved to bit 4.
// CHECK-LABEL: func @five_bits
// CHECK-DAG:     %[[LOW:.+]] = arith.constant dense<15> : vector<64xi8>
// CHECK-DAG:     %[[FIFTH:.+]] = arith.constant dense<16> : vector<64xi8>
// CHECK-DAG:     %[[FOUR:.+]] = arith.constant dense<4> : vector<16xi32>
// CHECK:         %[[A:.+]] = vector.load %{{.+}} : memref<1x384xi8>, vector<64xi8>
// CHECK:         %[[N:.+]] = arith.andi %[[A]], %[[LOW]]
// CHECK:         %[[B:.+]] = vector.load %{{.+}} : memref<1x384xi8>, vector<64xi8>
// CHECK:         %[[W:.+]] = vector.bitcast %[[B]] : vector<64xi8> to vector<16xi32>
// CHECK:         arith.shli %[[W]], %[[FOUR]]
// CHECK:         %[[H:.+]] = arith.andi %{{.+}}, %[[FIFTH]]
// CHECK:         arith.ori %[[N]], %[[H]]
// CHECK-COUNT-3: vector.load
// CHECK-NOT:     vector.load
func.func @five_bits(%w: memref<1x384xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<i5, group = 32, scale = f16>} : memref<1x384xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// Four registers of low halves, two of upper quarters; a group's four quads share two and one of them.
// CHECK-LABEL: func @six_bits
// CHECK-DAG:     %[[UPPER:.+]] = arith.constant dense<48> : vector<64xi8>
// CHECK:         arith.divui %{{.+}}, %c256
// CHECK:         arith.remui %{{.+}}, %c256
// CHECK-COUNT-6: vector.load
// CHECK-NOT:     vector.load
func.func @six_bits(%w: memref<1x3392xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<i6, group = 16, scale = i8, super = 256>} : memref<1x3392xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// CHECK-LABEL: func @three_bits
// CHECK-DAG:     arith.constant dense<3> : vector<64xi8>
// CHECK-DAG:     arith.constant dense<4> : vector<64xi8>
// CHECK-COUNT-3: vector.load
// CHECK-NOT:     vector.load
func.func @three_bits(%w: memref<1x1856xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<i3, group = 16, scale = i6, super = 256>} : memref<1x1856xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// CHECK-LABEL: func @two_bits
// CHECK-COUNT-2: vector.load
// CHECK-NOT:     vector.load
func.func @two_bits(%w: memref<1x1344xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<ui2, group = 16, scale = ui4, minimum = ui4, super = 256>} : memref<1x1344xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// The table's entries are unsigned: 128 more than the values.
// CHECK-LABEL: func @table
// CHECK:         tile.lookup %{{.+}} in [1, 24, 45, 63, 79, 93, 106, 118, -127, -115, -103, -90, -75, -59, -39, -15]
func.func @table(%w: memref<1x2240xi8>, %t: index, %k: index) -> vector<8x1x64xi8> {
  %0 = tile.unpack %w[%t, %k] {format = #pack.format<ui4, group = 32, scale = i6, super = 256, table = iq4>} : memref<1x2240xi8> -> vector<8x1x64xi8>
  return %0 : vector<8x1x64xi8>
}

// The super-scale times the group's integer.
// CHECK-LABEL: func @super_scales
// CHECK:         vector.load %{{.+}} : memref<1x2368xi8>, vector<32xi8>
// CHECK:         %[[D:.+]] = arith.extf %{{.+}} : vector<16xf16> to vector<16xf32>
// CHECK:         vector.load %{{.+}} : memref<1x2368xi8>, vector<16xi8>
// CHECK:         arith.extsi %{{.+}} : vector<16xi8> to vector<16xi32>
// CHECK:         %[[S:.+]] = arith.sitofp
// CHECK:         arith.mulf %[[D]], %[[S]]
func.func @super_scales(%w: memref<1x2368xi8>, %t: index, %k: index) -> vector<1x16xf32> {
  %0 = tile.scales %w[%t, %k] of <ui4, group = 32, scale = ui6, minimum = ui6, super = 256> : memref<1x2368xi8> -> vector<1x16xf32>
  return %0 : vector<1x16xf32>
}

// Scale and minimum of 4 bits share a byte: the minimum is its high half.
// CHECK-LABEL: func @shared_byte
// CHECK:         arith.shrui %{{.+}}, %{{.+}} : vector<16xi8>
// CHECK:         arith.mulf
func.func @shared_byte(%w: memref<1x1344xi8>, %t: index, %k: index) -> vector<1x16xf32> {
  %0 = tile.scales %w[%t, %k] of <ui2, group = 16, scale = ui4, minimum = ui4, super = 256> minimum : memref<1x1344xi8> -> vector<1x16xf32>
  return %0 : vector<1x16xf32>
}
