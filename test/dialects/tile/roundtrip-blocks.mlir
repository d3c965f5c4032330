// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// One kernel's inside: a grid of blocks, each loads, unpacks, multiplies and stores.
// CHECK-LABEL: func.func @blocks
// CHECK-SAME:    (%[[X:.+]]: memref<?x4xf32>, %[[W:.+]]: memref<2x2x16x2xbf16>, %[[OUT:.+]]: memref<?x32xf32>, %[[N:.+]]: index, %[[ACC:.+]]: vector<2x2x16xf32>)
// CHECK-NEXT:    tile.grid %[[N]] {
// CHECK-NEXT:    ^bb0(%[[BLOCK:.+]]: index):
// CHECK-NEXT:      %[[A:.+]] = tile.load %[[X]][%[[N]], %[[N]]] last %[[N]] : memref<?x4xf32> -> vector<2x4xf32>
// CHECK-NEXT:      %[[B:.+]] = tile.unpack %[[W]][%[[BLOCK]], %[[N]]] : memref<2x2x16x2xbf16> -> vector<4x2x16xf32>
// CHECK-NEXT:      %[[SUM:.+]] = tile.dot %[[A]], %[[B]], %[[ACC]] : vector<2x4xf32>, vector<4x2x16xf32>, vector<2x2x16xf32>
// CHECK-NEXT:      tile.store %[[SUM]] to %[[OUT]][%[[N]], %[[N]]] last %[[N]] {
// CHECK-NEXT:      ^bb0(%[[NEW:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:        %[[Y:.+]] = arith.addf %[[NEW]], %[[OLD]] : f32
// CHECK-NEXT:        tile.yield %[[Y]] : f32
// CHECK-NEXT:      } : vector<2x2x16xf32> to memref<?x32xf32>
func.func @blocks(%x: memref<?x4xf32>, %w: memref<2x2x16x2xbf16>, %out: memref<?x32xf32>, %n: index, %acc: vector<2x2x16xf32>) {
  tile.grid %n {
  ^bb0(%block: index):
    %a = tile.load %x[%n, %n] last %n : memref<?x4xf32> -> vector<2x4xf32>
    %b = tile.unpack %w[%block, %n] : memref<2x2x16x2xbf16> -> vector<4x2x16xf32>
    %sum = tile.dot %a, %b, %acc : vector<2x4xf32>, vector<4x2x16xf32>, vector<2x2x16xf32>
    tile.store %sum to %out[%n, %n] last %n {
    ^bb0(%new: f32, %old: f32):
      %y = arith.addf %new, %old : f32
      tile.yield %y : f32
    } : vector<2x2x16xf32> to memref<?x32xf32>
    tile.yield
  }
  return
}

// CHECK-LABEL: func @channels
// CHECK:         tile.store %{{.+}}, %{{.+}} channels(%{{.+}}, %{{.+}} : memref<64xf32>, memref<64xf32>) to %{{.+}}[%{{.+}}, %{{.+}}] last %{{.+}} {
// CHECK:         } : vector<1x1x16xf32>, vector<1x1x16xf32> to memref<?x32xf32>
func.func @channels(%a: vector<1x1x16xf32>, %b: memref<64xf32>, %out: memref<?x32xf32>, %n: index) {
  tile.store %a, %a channels(%b, %b : memref<64xf32>, memref<64xf32>) to %out[%n, %n] last %n {
  ^bb0(%g: f32, %u: f32, %b0: f32, %b1: f32, %c0: f32, %c1: f32, %old: f32):
    tile.yield %g : f32
  } : vector<1x1x16xf32>, vector<1x1x16xf32> to memref<?x32xf32>
  return
}

// CHECK-LABEL: func.func private @schedules
// CHECK-SAME:    {fast = #tile.schedule<m = 1, n = 64, k = 2, lanes = 8, columns = 32>}
func.func private @schedules() attributes {fast = #tile.schedule<m = 1, n = 64, k = 2, lanes = 8, columns = 32>}
