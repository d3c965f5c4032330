// RUN: osscc-opt %s --verify-stage=stage=tile --split-input-file --verify-diagnostics
// RUN: not osscc-opt %s --verify-stage=stage=nowhere 2>&1 | FileCheck %s --check-prefix=NOWHERE

// NOWHERE: unknown stage 'nowhere'

// An op of a dialect that the stage has removed is named.
func.func @left_over(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{'llm.add' remains after the stage tile}}
  %y = llm.add %x, %x : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
