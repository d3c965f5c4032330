// RUN: osscc-opt %s --llm-specialize-rows=max-rows=16 | FileCheck %s
// RUN: osscc-opt %s --llm-specialize-rows=max-rows=4096 | FileCheck %s --check-prefix=SHORT

// The rows of a call are bounded by the option, and by the longest sequence.
// CHECK: max_rows = 16
// SHORT: max_rows = 128
module attributes {llm.config = #llm.config<family = "llama", layers = 0, hidden = 2, vocabulary = 3, positions = 128, max_rows = 128>} {
  // The head computes the wanted rows alone.
  // CHECK-LABEL: func @head
  // CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[X:[a-z0-9]+]]: tensor<?x2xf32>
  // CHECK-NEXT:    %[[WANTED:.+]] = llm.output_rows %[[ROWS]], %[[X]]
  // CHECK-NEXT:    llm.rms_norm %[[WANTED]]
  func.func @head(%rows: !llm.rows, %x: tensor<?x2xf32>, %w: tensor<2xf32>) -> tensor<?x2xf32> attributes {llm.segment = "head"} {
    %y = llm.rms_norm %x, %w eps 1.0e-05 : tensor<?x2xf32>, tensor<2xf32>
    return %y : tensor<?x2xf32>
  }
}
