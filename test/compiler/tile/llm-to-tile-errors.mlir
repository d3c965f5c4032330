// RUN: osscc-opt %s --llm-to-tile=disable-patterns=rope --verify-diagnostics

// An op that stays keeps its handle of rows: the pass names it instead of leaving a half-lowered segment.
func.func @layer(%rows: !llm.rows, %x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{no pattern turned this op into a kernel}}
  %y = llm.rope %rows, %x by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
