// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s

// Groups, offset and a missing scale go over to the kernel.
// CHECK-LABEL: func @norms
// CHECK:         tile.norm ins(%{{.+}}, %{{.+}} : tensor<?x8xf32>, {{.+}}) {{.*}} {eps = 5.000000e-01 : f32, offset = 1.000000e+00 : f32, size = 4 : i64}
// CHECK:         tile.norm ins(%{{.+}} : tensor<?x8xf32>) {{.*}} {eps = 5.000000e-01 : f32} ->
func.func @norms(%x: tensor<?x8xf32>, %w: !pack.block<4, #pack.format<f32>, rows>) -> tensor<?x8xf32> {
  %heads = llm.rms_norm %x, %w eps 0.5 groups of 4 offset 1.0 : tensor<?x8xf32>, !pack.block<4, #pack.format<f32>, rows>
  %plain = llm.rms_norm %heads eps 0.5 : tensor<?x8xf32>
  return %plain : tensor<?x8xf32>
}

// -----

// A product that nobody else reads is scaled where it lies; rows that the segment takes are not its own.
// CHECK-LABEL: func @scale
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32>
// CHECK:         %[[Y:.+]] = tile.matmul
// CHECK:         tile.map outs(%[[Y]] : tensor<?x2xf32>) {
// CHECK-NEXT:    ^bb0(%[[OLD:.+]]: f32):
// CHECK-NEXT:      %[[F:.+]] = arith.constant 2.500000e-01 : f32
// CHECK-NEXT:      arith.mulf %[[OLD]], %[[F]] : f32
// CHECK:         tile.map ins(%[[X]] : tensor<?x2xf32>) outs(
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %{{.+}}: f32):
// CHECK:           arith.mulf %[[A]], %{{.+}} : f32
func.func @scale(%x: tensor<?x2xf32>, %w: !pack.block<2x2, #pack.format<f32>, tiles>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %y = llm.linear %x, %w : tensor<?x2xf32>, !pack.block<2x2, #pack.format<f32>, tiles> -> tensor<?x2xf32>
  %own = llm.scale %y by 0.25 : tensor<?x2xf32>
  %other = llm.scale %x by 0.25 : tensor<?x2xf32>
  return %own, %other : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// The scaled embedding lies in the segment's destination.
// CHECK-LABEL: func @embed
// CHECK-SAME:    %[[HIDDEN:[a-z0-9]+]]: tensor<?x2xf32> {bufferization.writable = true}) -> tensor<?x2xf32>
// CHECK:         %[[Y:.+]] = tile.gather tokens ins(%{{.+}} : {{.*}}) outs(%[[HIDDEN]] : tensor<?x2xf32>)
// CHECK:         tile.map outs(%[[Y]] : tensor<?x2xf32>)
module attributes {llm.config = #llm.config<family = "test", layers = 1, hidden = 2, vocabulary = 4, positions = 8, max_rows = 8>} {
  func.func @embed(%rows: !llm.rows, %table: !pack.block<4x2, #pack.format<f32>, tiles>) -> tensor<?x2xf32> attributes {llm.segment = "embed"} {
    %x = llm.embed %rows, %table : !llm.rows, !pack.block<4x2, #pack.format<f32>, tiles> -> tensor<?x2xf32>
    %y = llm.scale %x by 8.0 : tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  }
}

// -----

// CHECK-LABEL: func @activate
// CHECK:         %[[Y:.+]] = tile.matmul
// CHECK:         tile.map outs(%[[Y]] : tensor<?x2xf32>) {
// CHECK-NEXT:    ^bb0(%[[OLD:.+]]: f32):
// CHECK:           %[[BELOW:.+]] = arith.cmpf olt, %[[OLD]], %[[ZERO:.+]] : f32
// CHECK:           %[[MAX:.+]] = arith.select %[[BELOW]], %[[ZERO]], %[[OLD]] : f32
// CHECK:           arith.mulf %[[MAX]], %[[MAX]] : f32
func.func @activate(%x: tensor<?x2xf32>, %w: !pack.block<2x2, #pack.format<f32>, tiles>) -> tensor<?x2xf32> {
  %y = llm.linear %x, %w : tensor<?x2xf32>, !pack.block<2x2, #pack.format<f32>, tiles> -> tensor<?x2xf32>
  %z = llm.activate <relu2> %y : tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// -----

// gelu takes erf of the gate's root half, tanh's approximation the sigmoid of twice its argument.
// CHECK-LABEL: func @gelus
// CHECK:         tile.map
// CHECK:           %[[ROOT:.+]] = arith.constant 0.707106769 : f32
// CHECK:           arith.mulf %{{.+}}, %[[ROOT]] : f32
// CHECK:           arith.cmpf ogt
// CHECK:           arith.cmpf olt
// CHECK-COUNT-11:  math.fma
// CHECK:         tile.map
// CHECK:           %[[CUBE:.+]] = arith.constant 0.0713548139 : f32
// CHECK:           math.fma %[[CUBE]],
// CHECK:           math.exp
func.func @gelus(%g: tensor<?x2xf32>, %u: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %y = llm.glu <gelu> %g, %u : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  %z = llm.glu <gelu_tanh> %g, %u : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func @gate
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32> {{.*}}, %[[G:[a-z0-9]+]]: tensor<?x1xf32>
// CHECK:         tile.map ins(%[[X]], %[[G]] : tensor<?x2xf32>, tensor<?x1xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[MINUS:.+]] = arith.negf %[[B]]
// CHECK:           %[[POWER:.+]] = math.exp %[[MINUS]]
// CHECK:           arith.divf %[[A]], %{{.+}}
func.func @gate(%x: tensor<?x2xf32>, %g: tensor<?x1xf32>) -> tensor<?x2xf32> {
  %y = llm.gate %x by %g : tensor<?x2xf32>, tensor<?x1xf32>
  return %y : tensor<?x2xf32>
}
