// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @multiply
// CHECK:         llm.multiply %{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<1xbf16>
// CHECK:         llm.multiply %{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<4xf32>
// CHECK:         llm.rope {{.*}} scaling = <kind = "proportional", factor = 2.000000e+00 : f64, low = 1.000000e+00 : f64>
func.func @multiply(%rows: !llm.rows, %x: tensor<?x4xf32>, %one: tensor<1xbf16>, %all: tensor<4xf32>) {
  %a = llm.multiply %x, %one : tensor<?x4xf32>, tensor<1xbf16>
  %b = llm.multiply %a, %all : tensor<?x4xf32>, tensor<4xf32>
  %c = llm.rope %rows, %b by <dims = 4, theta = 1.0e+04, scaling = <kind = "proportional", factor = 2.0, low = 1.0>> : !llm.rows, tensor<?x4xf32>
  return
}

// -----

func.func @multiply_C1(%x: tensor<?x4xf32>, %w: tensor<2xf32>) {
  // expected-error @below {{x has 4 channels, but the weight is 'tensor<2xf32>'}}
  %y = llm.multiply %x, %w : tensor<?x4xf32>, tensor<2xf32>
  return
}

// -----

// expected-error @below {{proportional needs the number of the first frequency that is none, and has a factor besides}}
func.func private @no_share() attributes {scaling = #llm.rope_scaling<kind = "proportional", factor = 1.0>}
