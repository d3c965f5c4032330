// RUN: echo "[2, 0]" > %t.json
// RUN: osscc-eval %s --weights=%S --ids=%t.json --logits=%t.npy
// RUN: %python -c "import numpy, sys; print(numpy.load(sys.argv[1]).tolist())" %t.npy | FileCheck %s

// What a layer takes is what the segment before hands on, by position: x = 3 and a = 30 of token 2, then x + a = 33 and a + x = 63 in the
// first layer, which hands the sum of both on as %a. The head has 33 + 63 = 96, times 1 and 2; of token 0: x = 1, a = 10: 11 + 21 = 32.
// CHECK: {{\[}}[96.0, 192.0], [32.0, 64.0]]
module attributes {llm.config = #llm.config<family = "carried", layers = 1, hidden = 1, vocabulary = 2, positions = 8, max_rows = 8, carried = [1]>} {
  func.func @embed(%rows: !llm.rows) -> (tensor<?x1xf32>, tensor<?x1xf32>) attributes {llm.segment = "embed"} {
    %t = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
    %u = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
    %x = llm.embed %rows, %t : !llm.rows, tensor<3x1xf32> -> tensor<?x1xf32>
    %a = llm.embed %rows, %u : !llm.rows, tensor<3x1xf32> -> tensor<?x1xf32>
    return %x, %a : tensor<?x1xf32>, tensor<?x1xf32>
  }
  func.func @layer_0(%rows: !llm.rows, %x: tensor<?x1xf32>, %a: tensor<?x1xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>) attributes {llm.segment = "layer"} {
    %y = llm.add %x, %a : tensor<?x1xf32>
    %b = llm.add %a, %y : tensor<?x1xf32>
    return %y, %b : tensor<?x1xf32>, tensor<?x1xf32>
  }
  func.func @head(%rows: !llm.rows, %x: tensor<?x1xf32>, %a: tensor<?x1xf32>) -> tensor<?x2xf32> attributes {llm.segment = "head"} {
    %w = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
    %s = llm.add %x, %a : tensor<?x1xf32>
    %logits = llm.logits %s, %w : tensor<?x1xf32>, tensor<2x1xf32> -> tensor<?x2xf32>
    return %logits : tensor<?x2xf32>
  }
}
