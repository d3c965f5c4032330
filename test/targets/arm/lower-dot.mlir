// RUN: osscc-opt %s --arm-lower-dot --canonicalize | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: osscc-opt %s --arm-lower-dot=dotprod=true --canonicalize | FileCheck %s --check-prefixes=CHECK,SDOT
// RUN: osscc-opt %s --arm-lower-dot="dotprod=true i8mm=true" --canonicalize | FileCheck %s --check-prefixes=CHECK,I8MM

// Two rows, two registers, two channels: k is outermost, and each step multiplies by a lane of the row's register.
// CHECK-LABEL: func @dot
// CHECK-SAME:    (%[[A:.+]]: vector<2x2xf32>, %[[B:.+]]: vector<2x2x4xf32>, %[[ACC:.+]]: vector<2x2x4xf32>)
// CHECK:         %[[ROW:.+]] = vector.extract %[[A]][0] : vector<2xf32> from
// CHECK:         %[[X:.+]] = vector.shuffle %[[ROW]], %[[ROW]] [0, 0, 0, 0] : vector<2xf32>, vector<2xf32>
// CHECK:         %[[B00:.+]] = vector.extract %[[B]][0, 0] : vector<4xf32> from
// CHECK:         math.fma %[[X]], %[[B00]], %{{.+}} : vector<4xf32>
// CHECK-COUNT-7: math.fma
// CHECK-NOT:     tile.dot
func.func @dot(%a: vector<2x2xf32>, %b: vector<2x2x4xf32>, %acc: vector<2x2x4xf32>) -> vector<2x2x4xf32> {
  %r = tile.dot %a, %b, %acc : vector<2x2xf32>, vector<2x2x4xf32>, vector<2x2x4xf32>
  return %r : vector<2x2x4xf32>
}

// Registers have 4 lanes: the op stays, for another lowering.
// CHECK-LABEL: func @not_a_register
// CHECK:         tile.dot
func.func @not_a_register(%a: vector<1x1xf32>, %b: vector<1x1x8xf32>, %acc: vector<1x1x8xf32>) -> vector<1x1x8xf32> {
  %r = tile.dot %a, %b, %acc : vector<1x1xf32>, vector<1x1x8xf32>, vector<1x1x8xf32>
  return %r : vector<1x1x8xf32>
}

// Bytes with zero 128: the top bit is turned, which takes 128 away; usdot takes them as they are and begins at -128 * the codes' sum.
// Of products of 16 bits two fit before they are widened: here one quad, so one.
// CHECK-LABEL: func @bytes
// NEON:          arith.xori
// NEON:          arith.muli %{{.+}}, %{{.+}} : vector<16xi16>
// NEON-COUNT-2:  llvm.call_intrinsic "llvm.aarch64.neon.saddlp.v4i32.v8i16"
// NEON:          llvm.call_intrinsic "llvm.aarch64.neon.addp.v4i32"
// SDOT:          arith.xori
// SDOT:          llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// I8MM-NOT:      arith.xori
// I8MM:          arith.addi
// I8MM-NOT:      arith.xori
// I8MM:          llvm.call_intrinsic "llvm.aarch64.neon.usdot.v4i32.v16i8"
// CHECK-NOT:     tile.dot
func.func @bytes(%a: vector<1x1xi32>, %b: vector<1x1x16xi8>, %acc: vector<1x1x4xi32>, %s: vector<1xi32>) -> vector<1x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 128 : i64} : vector<1x1xi32>, vector<1x1x16xi8>, vector<1x1x4xi32>
  return %r : vector<1x1x4xi32>
}

// Bytes below 128 have their sign as they are: sums begin at a 16th of the offset.
// CHECK-LABEL: func @nibbles
// CHECK-NOT:     arith.xori
// CHECK:         %[[FOUR:.+]] = arith.constant dense<4> : vector<4xi32>
// CHECK-NOT:     arith.xori
// CHECK:         arith.shrsi %{{.+}}, %[[FOUR]]
// CHECK:         arith.addi
// SDOT:          llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// I8MM:          llvm.call_intrinsic "llvm.aarch64.neon.usdot.v4i32.v16i8"
// CHECK:         return
func.func @nibbles(%a: vector<1x1xi32>, %b: vector<1x1x16xi8>, %acc: vector<1x1x4xi32>, %s: vector<1xi32>) -> vector<1x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 8 : i64} : vector<1x1xi32>, vector<1x1x16xi8>, vector<1x1x4xi32>
  return %r : vector<1x1x4xi32>
}

// As many products as fit 16 bits are added before they are widened: four of 6 bits.
// CHECK-LABEL: func @together
// NEON-COUNT-4:  arith.muli %{{.+}}, %{{.+}} : vector<16xi16>
// NEON-COUNT-2:  llvm.aarch64.neon.saddlp
// NEON-NOT:      llvm.aarch64.neon.saddlp
// NEON:          arith.muli %{{.+}}, %{{.+}} : vector<16xi16>
// NEON-COUNT-2:  llvm.aarch64.neon.saddlp
// NEON-NOT:      llvm.aarch64.neon.saddlp
// SDOT-COUNT-5:  llvm.aarch64.neon.sdot
// I8MM-COUNT-5:  llvm.aarch64.neon.usdot
// CHECK:         return
func.func @together(%a: vector<1x5xi32>, %b: vector<5x1x16xi8>, %acc: vector<1x1x4xi32>, %s: vector<1xi32>) -> vector<1x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 32 : i64, bits = 6 : i64} : vector<1x5xi32>, vector<5x1x16xi8>, vector<1x1x4xi32>
  return %r : vector<1x1x4xi32>
}

// Two rows are a pair, and so are two planes of a row: products of matrices of 2 outputs and 8 channels, zipped and unzipped.
// The sums begin with the rows' offsets, in the order of the products.
// CHECK-LABEL: func @rows
// I8MM:          %[[BEGIN:.+]] = vector.shuffle %[[A:.+]], %[[B:.+]] [0, 4, 1, 5] : vector<4xi32>, vector<4xi32>
// I8MM:          vector.shuffle %[[A]], %[[B]] [2, 6, 3, 7] : vector<4xi32>, vector<4xi32>
// I8MM:          vector.shuffle %[[Q:.+]], %[[R:.+]] [0, 4, 1, 5] : vector<4xi32>, vector<4xi32>
// I8MM:          vector.shuffle %[[Q]], %[[R]] [2, 6, 3, 7] : vector<4xi32>, vector<4xi32>
// I8MM:          vector.shuffle %{{.+}}, %{{.+}} [0, 1, 2, 3] : vector<2xi32>, vector<2xi32>
// I8MM:          %[[LOW:.+]] = llvm.call_intrinsic "llvm.aarch64.neon.usmmla.v4i32.v16i8"(%[[BEGIN]]
// I8MM:          %[[HIGH:.+]] = llvm.call_intrinsic "llvm.aarch64.neon.usmmla.v4i32.v16i8"
// I8MM:          vector.shuffle %[[LOW]], %[[HIGH]] [0, 2, 4, 6]
// I8MM:          vector.shuffle %[[LOW]], %[[HIGH]] [1, 3, 5, 7]
// SDOT-COUNT-4:  llvm.aarch64.neon.sdot
// CHECK-NOT:     tile.dot
func.func @rows(%a: vector<2x2xi32>, %b: vector<2x1x16xi8>, %acc: vector<2x1x4xi32>, %s: vector<2xi32>) -> vector<2x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<2xi32> {zero = 128 : i64} : vector<2x2xi32>, vector<2x1x16xi8>, vector<2x1x4xi32>
  return %r : vector<2x1x4xi32>
}

// Of two planes the low one starts below, 255 * high by a shift is added behind.
// CHECK-LABEL: func @planes
// I8MM:          llvm.aarch64.neon.usmmla
// SDOT:          llvm.aarch64.neon.sdot
// CHECK:         %[[HIGH:.+]] = arith.shli
// CHECK:         %[[WEIGHTED:.+]] = arith.subi %[[HIGH]]
// CHECK:         arith.addi %[[WEIGHTED]]
// CHECK-NOT:     tile.dot
func.func @planes(%a: vector<2x2xi32>, %b: vector<2x1x16xi8>, %acc: vector<1x1x4xi32>, %s: vector<1xi32>) -> vector<1x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 8 : i64} : vector<2x2xi32>, vector<2x1x16xi8>, vector<1x1x4xi32>
  return %r : vector<1x1x4xi32>
}

// CHECK-LABEL: func @lookup
// CHECK:         llvm.call_intrinsic "llvm.aarch64.neon.tbl1.v16i8"
func.func @lookup(%z: vector<16xi8>) -> vector<16xi8> {
  %0 = tile.lookup %z in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] : vector<16xi8>
  return %0 : vector<16xi8>
}

// A register is looked up at a time.
// CHECK-LABEL: func @lookup_wide
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.aarch64.neon.tbl1.v16i8"
// CHECK-NOT:     tile.lookup
func.func @lookup_wide(%z: vector<32xi8>) -> vector<32xi8> {
  %0 = tile.lookup %z in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] : vector<32xi8>
  return %0 : vector<32xi8>
}

// Of 32 channels quads that share a byte of 4-bit codes follow each other: 0 and 4, or of pairs 0, 1 and 4, 5.
// CHECK-LABEL: func @order
// CHECK-SAME:    (%[[A:.+]]: vector<2x8xi32>, %[[B:.+]]: vector<8x1x16xi8>
// SDOT:          vector.extract %[[B]][0, 0]
// SDOT:          vector.extract %[[B]][4, 0]
// I8MM:          vector.extract %[[B]][0, 0]
// I8MM:          vector.extract %[[B]][1, 0]
// I8MM:          vector.extract %[[B]][4, 0]
// I8MM:          vector.extract %[[B]][5, 0]
func.func @order(%a: vector<2x8xi32>, %b: vector<8x1x16xi8>, %acc: vector<2x1x4xi32>, %s: vector<2xi32>) -> vector<2x1x4xi32> {
  %r = tile.dot %a, %b, %acc offsets %s : vector<2xi32> {zero = 8 : i64} : vector<2x8xi32>, vector<8x1x16xi8>, vector<2x1x4xi32>
  return %r : vector<2x1x4xi32>
}
