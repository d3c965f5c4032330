// Streams of rows and sparse gates are read as they are written.
// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK-LABEL: @streams
func.func @streams(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>, %w: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK: llm.mix %{{.+}}, %{{.+}} by %{{.+}} from 4 : tensor<?x4xf32>, tensor<?x4xf32> by tensor<?x6xf32> -> tensor<?x4xf32>
  %0 = llm.mix %a, %b by %w from 4 : tensor<?x4xf32>, tensor<?x4xf32> by tensor<?x6xf32> -> tensor<?x4xf32>
  // CHECK: llm.match %{{.+}} to %{{.+}} least 9.99999974E-6 : tensor<?x4xf32> to tensor<?x6xf32>
  %1 = llm.match %0 to %w least 1.0e-05 : tensor<?x4xf32> to tensor<?x6xf32>
  // CHECK: llm.cutoff %{{.+}} at 1.500000e+00 : tensor<?x4xf32>
  %2 = llm.cutoff %1 at 1.5 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
