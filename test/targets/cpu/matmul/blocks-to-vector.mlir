// RUN: osscc-opt %s --tile-to-vector --split-input-file | FileCheck %s

// A worker takes blocks of its own range until none is left, then of the others', and ends its part. The barrier before it is placed already.
// CHECK-LABEL: func @grid
// CHECK-SAME:    (%[[BLOCKS:[a-z0-9]+]]: index
// CHECK-NOT:     abi.barrier
// CHECK:         %[[WORKERS:.+]] = abi.workers
// CHECK:         %[[WORKER:.+]] = abi.worker
// CHECK:         scf.for %[[TURN:.+]] = %{{.+}} to %[[WORKERS]]
// CHECK:           %[[SUM:.+]] = arith.addi %[[WORKER]], %[[TURN]]
// CHECK:           %[[OWNER:.+]] = arith.remui %[[SUM]], %[[WORKERS]]
// CHECK:           %[[OWN:.+]] = arith.muli %[[OWNER]], %[[BLOCKS]]
// CHECK:           %[[BEGIN:.+]] = arith.divui %[[OWN]], %[[WORKERS]]
// CHECK:           %[[END:.+]] = arith.divui %{{.+}}, %[[WORKERS]]
// CHECK:           %[[COUNT:.+]] = arith.subi %[[END]], %[[BEGIN]]
// CHECK:           %[[SOME:.+]] = arith.cmpi sgt, %[[COUNT]], %{{.+}}
// CHECK:           scf.if %[[SOME]]
// CHECK:             scf.while
// CHECK:               %[[TAKEN:.+]] = abi.next_block of %[[OWNER]] below %[[COUNT]]
// CHECK:               %[[MORE:.+]] = arith.cmpi slt, %[[TAKEN]], %[[COUNT]]
// CHECK:               %[[NEXT:.+]] = arith.addi %[[BEGIN]], %[[TAKEN]]
// CHECK:               scf.condition(%[[MORE]]) %[[NEXT]]
// CHECK:             ^bb0(%[[BLOCK:.+]]: index):
// CHECK:               memref.store %{{.+}}, %{{.+}}[%[[BLOCK]]]
// CHECK:         abi.finish %[[BLOCKS]]
// CHECK-NOT:     tile.grid
func.func @grid(%blocks: index, %x: f32, %m: memref<?xf32>) {
  tile.grid %blocks {
  ^bb0(%block: index):
    memref.store %x, %m[%block] : memref<?xf32>
    tile.yield
  }
  return
}

// -----

// Values are scalars for a dot to broadcast; the second row is clamped to the last.
// CHECK-LABEL: func @load
// CHECK-SAME:    (%{{.+}}: memref<?x4xf32>, %[[ROW:[a-z0-9]+]]: index, %[[LAST:[a-z0-9]+]]: index
// CHECK:         memref.load %{{.+}}[%[[ROW]], %{{.+}}]
// CHECK:         %[[CLAMPED:.+]] = arith.minsi %{{.+}}, %[[LAST]]
// CHECK:         memref.load %{{.+}}[%[[CLAMPED]], %{{.+}}]
// CHECK:         vector.from_elements %{{.+}} : vector<2x2xf32>
func.func @load(%x: memref<?x4xf32>, %row: index, %last: index, %k: index) -> vector<2x2xf32> {
  %a = tile.load %x[%row, %k] last %last : memref<?x4xf32> -> vector<2x2xf32>
  return %a : vector<2x2xf32>
}

// -----

// The second row is stored if it exists; 20 columns leave a mask for the second tile; the old element is read where it is used.
// CHECK-LABEL: func @store
// CHECK:         vector.maskedload
// CHECK:         arith.addf %{{.+}} : vector<16xf32>
// CHECK:         vector.maskedstore
// CHECK:         %[[EXISTS:.+]] = arith.cmpi sle
// CHECK:         scf.if %[[EXISTS]]
// CHECK:           vector.maskedstore
// CHECK-NOT:     tile.store
func.func @store(%acc: vector<2x1x16xf32>, %out: memref<?x20xf32>, %row: index, %last: index, %column: index) {
  tile.store %acc to %out[%row, %column] last %last {
  ^bb0(%a: f32, %old: f32):
    %s = arith.addf %a, %old : f32
    tile.yield %s : f32
  } : vector<2x1x16xf32> to memref<?x20xf32>
  return
}

// -----

// f16 is widened; f32 would be loaded as it is.
// CHECK-LABEL: func @unpack_float
// CHECK:         %[[CODES:.+]] = vector.load %{{.+}} : memref<3x4x16xf16>, vector<16xf16>
// CHECK:         arith.extf %[[CODES]] : vector<16xf16> to vector<16xf32>
func.func @unpack_float(%w: memref<3x4x16xf16>, %tile: index, %k: index) -> vector<1x1x16xf32> {
  %b = tile.unpack %w[%tile, %k] : memref<3x4x16xf16> -> vector<1x1x16xf32>
  return %b : vector<1x1x16xf32>
}

// -----

// One load holds two channels of 16 rows: the even one is shifted up, the odd one masked.
// CHECK-LABEL: func @unpack_bf16
// CHECK:         %[[CODES:.+]] = vector.load %{{.+}} : memref<3x2x32xbf16>, vector<32xbf16>
// CHECK:         %[[WORDS:.+]] = vector.bitcast %[[CODES]] : vector<32xbf16> to vector<16xi32>
// CHECK:         arith.shli %[[WORDS]], %{{.+}}
// CHECK:         arith.andi %[[WORDS]], %{{.+}}
func.func @unpack_bf16(%w: memref<3x2x16x2xbf16>, %tile: index, %k: index) -> vector<2x1x16xf32> {
  %b = tile.unpack %w[%tile, %k] : memref<3x2x16x2xbf16> -> vector<2x1x16xf32>
  return %b : vector<2x1x16xf32>
}

// -----

// No library is called: a polynomial, a power of two made of bits, and fixed ends.
// CHECK-LABEL: func @exp
// CHECK-NOT:     math.exp
// CHECK:         math.roundeven
// CHECK-COUNT-8: math.fma
// CHECK:         arith.shli
// CHECK:         arith.bitcast
// CHECK:         arith.cmpf olt
// CHECK:         arith.cmpf ogt
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}
