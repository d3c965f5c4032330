// RUN: osscc-opt %s --tile-fuse-epilogues --split-input-file | FileCheck %s

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>
!bias = !pack.block<4, #pack.format<f32>, rows>

// A bias is added to the accumulator, whatever rows the residual sum behind it writes onto: (acc + bias) + old.
// CHECK-LABEL: func @residual
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32>, %[[W:[a-z0-9]+]]: {{.*}} tiles>, %[[B:[a-z0-9]+]]: {{.*}} rows>, %[[HIDDEN:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-NEXT:    tile.matmul ins(%[[X]], %[[W]] : {{.*}}) channels(%[[B]] : {{.*}}) outs(%[[HIDDEN]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[ACC:.+]]: f32, %[[BIAS:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:    %[[BIASED:.+]] = arith.addf %[[ACC]], %[[BIAS]]
// CHECK-NEXT:    %[[SUM:.+]] = arith.addf %[[BIASED]], %[[OLD]]
// CHECK-NEXT:    tile.yield %[[SUM]]
// CHECK-NOT:     tile.map
func.func @residual(%x: tensor<?x2xf32>, %w: !matrix, %b: !bias, %hidden: tensor<?x4xf32>, %e: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  %q = tile.map ins(%b : !bias) outs(%p : tensor<?x4xf32>) {
  ^bb0(%bias: f32, %old: f32):
    %s = arith.addf %old, %bias : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  %y = tile.map ins(%q : tensor<?x4xf32>) outs(%hidden : tensor<?x4xf32>) {
  ^bb0(%a: f32, %old: f32):
    %s = arith.addf %a, %old : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!matrix = !pack.block<32x2, #pack.format<f32>, tiles>
!bias = !pack.block<32, #pack.format<f32>, rows>

// The joined bias of gate and up gives each part its own value.
// CHECK-LABEL: func @gated
// CHECK:         tile.matmul {{.*}} channels(%{{.+}} : !pack.block<32, {{.*}}>) outs(%{{.+}} : tensor<?x16xf32>) attributes {parts = 2 : i64}
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %[[OFA:.+]]: f32, %[[OFB:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:    %[[G:.+]] = arith.addf %[[A]], %[[OFA]]
// CHECK-NEXT:    %[[U:.+]] = arith.addf %[[B]], %[[OFB]]
// CHECK-NEXT:    arith.mulf %[[G]], %[[U]]
// CHECK-NOT:     tile.map
func.func @gated(%n: index, %x: tensor<?x2xf32>, %w: !matrix, %b: !bias, %e: tensor<?x32xf32>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x32xf32>
  %q = tile.map ins(%b : !bias) outs(%p : tensor<?x32xf32>) {
  ^bb0(%bias: f32, %old: f32):
    %s = arith.addf %old, %bias : f32
    tile.yield %s : f32
  } -> tensor<?x32xf32>
  %g = tensor.extract_slice %q[0, 0] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %u = tensor.extract_slice %q[0, 16] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %y = tile.map ins(%g, %u : tensor<?x16xf32>, tensor<?x16xf32>) outs(%out : tensor<?x16xf32>) {
  ^bb0(%a: f32, %c: f32, %old: f32):
    %m = arith.mulf %a, %c : f32
    tile.yield %m : f32
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>
!bias = !pack.block<4, #pack.format<f32>, rows>

// A product that somebody else reads too stays, and so does what adds rows to it in place.
// CHECK-LABEL: func @shared
// CHECK:         tile.matmul ins(%{{.+}}, %{{.+}} : {{.*}}) outs
// CHECK:         tile.map ins(%{{.+}} : !pack.block
// CHECK:         tile.matmul ins(%{{.+}}, %{{.+}} : {{.*}}) outs
// CHECK:         tile.map ins(%{{.+}}, %{{.+}} :
func.func @shared(%x: tensor<?x2xf32>, %w: !matrix, %b: !bias, %rows: tensor<?x4xf32>, %e: tensor<?x4xf32>, %f: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%e : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  %q = tile.map ins(%b : !bias) outs(%p : tensor<?x4xf32>) {
  ^bb0(%bias: f32, %old: f32):
    %s = arith.addf %old, %bias : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  %o = tile.matmul ins(%x, %w : tensor<?x2xf32>, !matrix) outs(%f : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  %r = tile.map ins(%b, %rows : !bias, tensor<?x4xf32>) outs(%o : tensor<?x4xf32>) {
  ^bb0(%bias: f32, %row: f32, %old: f32):
    %s = arith.addf %old, %row : f32
    %t = arith.addf %s, %bias : f32
    tile.yield %t : f32
  } -> tensor<?x4xf32>
  return %p, %q, %r : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
