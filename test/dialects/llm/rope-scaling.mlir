// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// The scaling is part of the attribute, and prints only where there is one.
// CHECK-LABEL: func @scaled
func.func @scaled(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: llm.rope {{.*}} scaling = <kind = "llama3", factor = 8.{{.*}}, low = 1.{{.*}}, high = 4.{{.*}}, original = 6.4{{.*}}>>
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "llama3", factor = 8.0, low = 1.0, high = 4.0, original = 64.0>> : !llm.rows, tensor<?x8xf32>
  // CHECK: llm.rope {{.*}} scaling = <kind = "linear", factor = 2.{{[^,]*}}>>
  %b = llm.rope %rows, %a by <dims = 4, theta = 1.0e+04, scaling = <kind = "linear", factor = 2.0>> : !llm.rows, tensor<?x8xf32>
  // CHECK: llm.rope {{.*}} scaling = <kind = "divisors", divisors = [1.000000e+00, 8.000000e+00]>>
  %c = llm.rope %rows, %b by <dims = 4, theta = 1.0e+04, scaling = <kind = "divisors", divisors = [1.0, 8.0]>> : !llm.rows, tensor<?x8xf32>
  // CHECK: llm.rope {{.*}} scaling = <kind = "yarn", factor = 8.{{.*}}, low = 0.{{.*}}, high = 1.5{{.*}}>, factor = 1.25{{.*}}>
  %d = llm.rope %rows, %c by <dims = 4, theta = 1.0e+04, scaling = <kind = "yarn", factor = 8.0, low = 0.0, high = 1.5>, factor = 1.25> : !llm.rows, tensor<?x8xf32>
  return %d : tensor<?x8xf32>
}

// -----

func.func @unknown_kind(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{rope scaling is linear, llama3, yarn, proportional or divisors, found "sideways"}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "sideways", factor = 8.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @factor_of_zero(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{a rope scaling's factor is positive and finite}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "linear", factor = 0.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @llama3_without_bounds(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{llama3 needs low, high and original}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "llama3", factor = 8.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @linear_with_bounds(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{linear scaling has a factor alone}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "linear", factor = 8.0, low = 1.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @divisor_of_zero(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{divisors are positive, finite and all that their scaling has}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "divisors", divisors = [1.0, 0.0]>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @divisors_and_factor(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{divisors are positive, finite and all that their scaling has}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "divisors", factor = 2.0, divisors = [1.0, 2.0]>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @linear_with_divisors(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{"linear" has no divisors}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "linear", factor = 2.0, divisors = [1.0, 2.0]>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @too_few_divisors(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{a rope of 4 dims needs half as many divisors, found 1}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "divisors", divisors = [1.0]>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @yarn_without_bounds(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{yarn has a factor, low and high}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "yarn", factor = 8.0, low = 1.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @yarn_downwards(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{yarn goes from low, which is not negative, up to high}}
  // expected-error @below {{failed to parse}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "yarn", factor = 8.0, low = 2.0, high = 1.0>> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}

// -----

func.func @turns_to_nothing(%rows: !llm.rows, %x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{a rope's factor is positive and finite}}
  %a = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, factor = 0.0> : !llm.rows, tensor<?x8xf32>
  return %a : tensor<?x8xf32>
}
