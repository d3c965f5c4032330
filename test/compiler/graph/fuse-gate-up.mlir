// RUN: osscc-opt %s --llm-fuse-gate-up | FileCheck %s

// Two projections of %x become one of 8 rows: gate first, then up.
// CHECK-LABEL: func @shared_input
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x2xf32>, %[[GATE:[a-z0-9]+]]: tensor<4x2xf32>, %[[UP:[a-z0-9]+]]: tensor<4x2xf32>)
// CHECK:         %[[W:.+]] = llm.concat %[[GATE]], %[[UP]] : {{.*}} -> tensor<8x2xf32>
// CHECK-NEXT:    %[[BOTH:.+]] = llm.linear %[[X]], %[[W]] : {{.*}} -> tensor<?x8xf32>
// CHECK-NEXT:    llm.glu <silu> %[[BOTH]] : tensor<?x8xf32> -> tensor<?x4xf32>
// CHECK-NOT:     llm.linear
func.func @shared_input(%x: tensor<?x2xf32>, %wg: tensor<4x2xf32>, %wu: tensor<4x2xf32>) -> tensor<?x4xf32> {
  %gate = llm.linear %x, %wg : tensor<?x2xf32>, tensor<4x2xf32> -> tensor<?x4xf32>
  %up = llm.linear %x, %wu : tensor<?x2xf32>, tensor<4x2xf32> -> tensor<?x4xf32>
  %y = llm.glu <silu> %gate, %up : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Halves of different rows stay apart.
// CHECK-LABEL: func @other_input
// CHECK-NOT:     llm.concat
func.func @other_input(%x: tensor<?x2xf32>, %z: tensor<?x2xf32>, %wg: tensor<4x2xf32>, %wu: tensor<4x2xf32>) -> tensor<?x4xf32> {
  %gate = llm.linear %x, %wg : tensor<?x2xf32>, tensor<4x2xf32> -> tensor<?x4xf32>
  %up = llm.linear %z, %wu : tensor<?x2xf32>, tensor<4x2xf32> -> tensor<?x4xf32>
  %y = llm.glu <silu> %gate, %up : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Biases join with the matrices; of two element types they keep the halves apart.
// CHECK-LABEL: func @biased
// CHECK-SAME:    %[[BG:[a-z0-9]+]]: tensor<4xf32>, %[[BU:[a-z0-9]+]]: tensor<4xf32>, %{{.+}}: tensor<4xf16>)
// CHECK:         %[[B:.+]] = llm.concat %[[BG]], %[[BU]] : {{.*}} -> tensor<8xf32>
// CHECK-NEXT:    llm.linear %{{.+}}, %{{.+}} bias %[[B]] : {{.*}} -> tensor<?x8xf32>
// CHECK-NOT:     llm.concat
func.func @biased(%x: tensor<?x2xf32>, %w: tensor<4x2xf32>, %bg: tensor<4xf32>, %bu: tensor<4xf32>, %half: tensor<4xf16>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %gate = llm.linear %x, %w bias %bg : tensor<?x2xf32>, tensor<4x2xf32>, tensor<4xf32> -> tensor<?x4xf32>
  %up = llm.linear %x, %w bias %bu : tensor<?x2xf32>, tensor<4x2xf32>, tensor<4xf32> -> tensor<?x4xf32>
  %y = llm.glu <silu> %gate, %up : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %other = llm.linear %x, %w bias %half : tensor<?x2xf32>, tensor<4x2xf32>, tensor<4xf16> -> tensor<?x4xf32>
  %z = llm.glu <silu> %other, %up : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}
