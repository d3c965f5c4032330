// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK-LABEL: @xielu
// CHECK: llm.xielu %{{.+}} by %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : tensor<?x4xf32> by tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
func.func @xielu(%x: tensor<?x4xf32>, %w: tensor<1xf32>) -> tensor<?x4xf32> {
  %y = llm.xielu %x by %w, %w, %w, %w : tensor<?x4xf32> by tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
  return %y : tensor<?x4xf32>
}
