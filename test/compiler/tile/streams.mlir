// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s

// Weights of rows are channels of one operand, which a map spreads over the row.
// CHECK-LABEL: func @mix
// CHECK:         %[[W:.+]] = tensor.extract_slice %{{.+}}[0, 2] [%{{.+}}, 1]
// CHECK:         %[[V:.+]] = tensor.extract_slice %{{.+}}[0, 3] [%{{.+}}, 1]
// CHECK:         tile.map ins(%{{.+}}, %{{.+}}, %[[W]], %[[V]] :
// CHECK:         arith.mulf
// CHECK-NEXT:    math.fma
func.func @mix(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %w: tensor<?x6xf32>) -> tensor<?x4xf32> {
  %y = llm.mix %a, %b by %w from 2 : tensor<?x4xf32>, tensor<?x4xf32> by tensor<?x6xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func @match
// CHECK-COUNT-2: tile.moments
// CHECK:         tile.map
// CHECK-COUNT-2: math.sqrt
func.func @match(%a: tensor<?x4xf32>, %b: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %y = llm.match %a to %b least 1.0e-05 : tensor<?x4xf32> to tensor<?x8xf32>
  return %y : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func @cutoff
// CHECK:         %[[M:.+]] = tile.moments ins(%{{.+}} : tensor<?x4xf32>) outs(%{{.+}} : tensor<?x2xf32>)
// CHECK:         tile.map
// CHECK:         math.sqrt
// CHECK:         arith.cmpf olt
func.func @cutoff(%a: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = llm.cutoff %a at 1.5 : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
