// RUN: osscc-opt %s --x86-lower-dot --canonicalize | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: osscc-opt %s --x86-lower-dot=vnni=true --canonicalize | FileCheck %s --check-prefixes=CHECK,VNNI

// Two rows, two registers, two channels: k is outermost and each step is one fused multiply-add of the broadcast scalar.
// CHECK-LABEL: func @dot
// CHECK-SAME:    (%[[A:.+]]: vector<2x2xf32>, %[[B:.+]]: vector<2x2x16xf32>, %[[ACC:.+]]: vector<2x2x16xf32>)
// CHECK:         %[[A00:.+]] = vector.extract %[[A]][0, 0]
// CHECK:         %[[B00:.+]] = vector.extract %[[B]][0, 0] : vector<16xf32> from
// CHECK:         %[[X:.+]] = vector.broadcast %[[A00]] : f32 to vector<16xf32>
// CHECK:         math.fma %[[X]], %[[B00]], %{{.+}} : vector<16xf32>
// CHECK-COUNT-7: math.fma
// CHECK-NOT:     tile.dot
func.func @dot(%a: vector<2x2xf32>, %b: vector<2x2x16xf32>, %acc: vector<2x2x16xf32>) -> vector<2x2x16xf32> {
  %r = tile.dot %a, %b, %acc : vector<2x2xf32>, vector<2x2x16xf32>, vector<2x2x16xf32>
  return %r : vector<2x2x16xf32>
}

// No x86 register has 4 lanes of f32 that kernels use: the op stays, for another lowering.
// CHECK-LABEL: func @not_a_register
// CHECK:         tile.dot
func.func @not_a_register(%a: vector<1x1xf32>, %b: vector<1x1x4xf32>, %acc: vector<1x1x4xf32>) -> vector<1x1x4xf32> {
  %r = tile.dot %a, %b, %acc : vector<1x1xf32>, vector<1x1x4xf32>, vector<1x1x4xf32>
  return %r : vector<1x1x4xf32>
}

// Bytes with zero 128: |w - 128| times codes that took its sign, pairs then quads; or a sum that starts at -128 * the codes' sum.
// CHECK-LABEL: func @bytes
// AVX2:          arith.xori
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.psign.b"
// AVX2:          "llvm.intr.abs"
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// AVX2:          arith.addi
// VNNI:          vector.broadcast %{{.+}} : i32 to vector<8xi32>
// VNNI:          arith.addi
// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// CHECK-NOT:     tile.dot
func.func @bytes(%a: vector<1x1xi32>, %b: vector<1x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 128 : i64} : vector<1x1xi32>, vector<1x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}

// Codes of 4 bits fit as they are: both start below, at a 16th of the offset.
// CHECK-LABEL: func @nibbles
// CHECK:         %[[FOUR:.+]] = arith.constant dense<4> : vector<8xi32>
// CHECK:         arith.shrsi %{{.+}}, %[[FOUR]]
// CHECK:         arith.addi
// AVX2-NOT:      psign
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// CHECK:         return
func.func @nibbles(%a: vector<1x1xi32>, %b: vector<1x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 8 : i64} : vector<1x1xi32>, vector<1x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}

// Where bytes are told to be small, AVX2 adds as many pairs as fit 16 bits before it widens them: two of 6 bits.
// CHECK-LABEL: func @together
// AVX2:          %[[P:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2:          %[[Q:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2:          %[[S:.+]] = arith.addi %[[P]], %[[Q]] : vector<16xi16>
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[S]]
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// VNNI-COUNT-3:  llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// CHECK:         return
func.func @together(%a: vector<1x3xi32>, %b: vector<3x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 32 : i64, bits = 6 : i64} : vector<1x3xi32>, vector<3x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}

// Of two planes the low one starts below, 255 * high by a shift is added behind. A zero that is no power of two takes a product.
// CHECK-LABEL: func @planes
// CHECK:         %[[THREE:.+]] = arith.constant dense<3> : vector<8xi32>
// CHECK:         arith.muli %{{.+}}, %[[THREE]]
// CHECK:         llvm.call_intrinsic
// CHECK:         %[[HIGH:.+]] = arith.shli
// CHECK:         %[[WEIGHTED:.+]] = arith.subi %[[HIGH]]
// CHECK:         arith.addi %[[WEIGHTED]]
// CHECK-NOT:     tile.dot
func.func @planes(%a: vector<2x1xi32>, %b: vector<1x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 12 : i64} : vector<2x1xi32>, vector<1x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}

// The table lies in every 16 bytes of the register.
// CHECK-LABEL: func @lookup
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
func.func @lookup(%z: vector<64xi8>, %y: vector<32xi8>) -> (vector<64xi8>, vector<32xi8>) {
  %0 = tile.lookup %z in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] : vector<64xi8>
  %1 = tile.lookup %y in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] : vector<32xi8>
  return %0, %1 : vector<64xi8>, vector<32xi8>
}

// Integers have no order: of 32 channels those that share a byte of 4-bit codes, half the depth apart, follow each other.
// CHECK-LABEL: func @order
// CHECK-SAME:    (%[[A:.+]]: vector<1x8xi32>
// CHECK:         vector.extract %[[A]][0, 0]
// CHECK:         vector.extract %[[A]][0, 4]
// CHECK:         vector.extract %[[A]][0, 1]
// CHECK:         vector.extract %[[A]][0, 5]
func.func @order(%a: vector<1x8xi32>, %b: vector<8x1x32xi8>, %acc: vector<1x1x8xi32>, %s: vector<1xi32>) -> vector<1x1x8xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 8 : i64} : vector<1x8xi32>, vector<8x1x32xi8>, vector<1x1x8xi32>
  return %r : vector<1x1x8xi32>
}
