// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// A whole model of one layer: every op, handle and attribute prints as it was written.
// CHECK: module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 4, vocabulary = 8, positions = 16, max_rows = 16>}
module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 4, vocabulary = 8, positions = 16, max_rows = 16>} {

  // CHECK-LABEL: func.func @embed
  // CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[TABLE:.+]]: tensor<8x4xf16>)
  // CHECK-SAME:    attributes {llm.segment = "embed"}
  // CHECK:         llm.embed %[[ROWS]], %[[TABLE]] : !llm.rows, tensor<8x4xf16> -> tensor<?x4xf32>
  func.func @embed(%rows: !llm.rows, %table: tensor<8x4xf16>) -> tensor<?x4xf32> attributes {llm.segment = "embed"} {
    %y = llm.embed %rows, %table : !llm.rows, tensor<8x4xf16> -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }

  // CHECK-LABEL: func.func @attention_half
  // CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[CACHE:.+]]: !llm.cache<0, heads = 1, size = 2>, %[[X:.+]]: tensor<?x4xf32>,
  // CHECK-SAME:     %[[SCALE:.+]]: tensor<4xbf16>, %[[K:.+]]: tensor<2x4xbf16>, %[[V:.+]]: tensor<2x4xbf16>)
  // CHECK:         %[[N:.+]] = llm.rms_norm %[[X]], %[[SCALE]] eps 9.99999974E-6 : tensor<?x4xf32>, tensor<4xbf16>
  // CHECK:         %[[KV:.+]] = llm.concat %[[K]], %[[V]] : tensor<2x4xbf16>, tensor<2x4xbf16> -> tensor<4x4xbf16>
  // CHECK:         %[[BOTH:.+]] = llm.linear %[[N]], %[[KV]] : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  // CHECK:         %[[PARTS:.+]]:2 = llm.split %[[BOTH]] : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xf32>
  // CHECK:         %[[R:.+]] = llm.rope %[[ROWS]], %[[PARTS]]#0 by <dims = 2, theta = 1.000000e+04 : f64> : !llm.rows, tensor<?x2xf32>
  // CHECK:         llm.kv_append %[[ROWS]], %[[CACHE]] layer 0, %[[R]], %[[PARTS]]#1 : !llm.rows, <0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
  // CHECK:         %[[Y:.+]] = llm.attention %[[ROWS]], %[[CACHE]] layer 0, %[[N]] scale 7.500000e-01 : !llm.rows, <0, heads = 1, size = 2>, tensor<?x4xf32>
  // CHECK:         llm.add %[[X]], %[[Y]] : tensor<?x4xf32>
  func.func @attention_half(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %x: tensor<?x4xf32>,
                            %scale: tensor<4xbf16>, %k: tensor<2x4xbf16>, %v: tensor<2x4xbf16>) -> tensor<?x4xf32> {
    %n = llm.rms_norm %x, %scale eps 1.0e-05 : tensor<?x4xf32>, tensor<4xbf16>
    %kv = llm.concat %k, %v : tensor<2x4xbf16>, tensor<2x4xbf16> -> tensor<4x4xbf16>
    %both = llm.linear %n, %kv : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
    %key, %value = llm.split %both : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xf32>
    %turned = llm.rope %rows, %key by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<?x2xf32>
    llm.kv_append %rows, %cache layer 0, %turned, %value : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x2xf32>, tensor<?x2xf32>
    %y = llm.attention %rows, %cache layer 0, %n scale 0.75 : !llm.rows, !llm.cache<0, heads = 1, size = 2>, tensor<?x4xf32>
    %sum = llm.add %x, %y : tensor<?x4xf32>
    return %sum : tensor<?x4xf32>
  }

  // Both forms of the gated unit: two operands, and one that joins them.
  // CHECK-LABEL: func.func @mlp
  // CHECK-SAME:    (%[[GATE:.+]]: tensor<?x4xf32>, %[[UP:.+]]: tensor<?x4xf32>)
  // CHECK:         llm.glu <silu> %[[GATE]], %[[UP]] : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK:         llm.glu <silu> %[[GATE]] : tensor<?x4xf32> -> tensor<?x2xf32>
  func.func @mlp(%gate: tensor<?x4xf32>, %up: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x2xf32>) {
    %two = llm.glu <silu> %gate, %up : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
    %one = llm.glu <silu> %gate : tensor<?x4xf32> -> tensor<?x2xf32>
    return %two, %one : tensor<?x4xf32>, tensor<?x2xf32>
  }

  // A bias is one value a channel, and biases join as matrices do.
  // CHECK-LABEL: func.func @biased
  // CHECK-SAME:    (%[[X:.+]]: tensor<?x4xf32>, %[[W:.+]]: tensor<4x4xbf16>, %[[B:.+]]: tensor<2xbf16>)
  // CHECK:         %[[BB:.+]] = llm.concat %[[B]], %[[B]] : tensor<2xbf16>, tensor<2xbf16> -> tensor<4xbf16>
  // CHECK:         llm.linear %[[X]], %[[W]] bias %[[BB]] : tensor<?x4xf32>, tensor<4x4xbf16>, tensor<4xbf16> -> tensor<?x4xf32>
  func.func @biased(%x: tensor<?x4xf32>, %w: tensor<4x4xbf16>, %b: tensor<2xbf16>) -> tensor<?x4xf32> {
    %bb = llm.concat %b, %b : tensor<2xbf16>, tensor<2xbf16> -> tensor<4xbf16>
    %y = llm.linear %x, %w bias %bb : tensor<?x4xf32>, tensor<4x4xbf16>, tensor<4xbf16> -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }

  // A weight may also be stored already.
  // CHECK-LABEL: func.func @head
  // CHECK-SAME:    (%[[ROWS:.+]]: !llm.rows, %[[X:.+]]: tensor<?x4xf32>, %[[HEAD:.+]]: !pack.block<8x4, #pack.format<bf16>, tiles>)
  // CHECK:         %[[WANTED:.+]] = llm.output_rows %[[ROWS]], %[[X]] : !llm.rows, tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK:         llm.logits %[[WANTED]], %[[HEAD]] : tensor<?x4xf32>, !pack.block<8x4, #pack.format<bf16>, tiles> -> tensor<?x8xf32>
  func.func @head(%rows: !llm.rows, %x: tensor<?x4xf32>, %head: !pack.block<8x4, #pack.format<bf16>, tiles>) -> tensor<?x8xf32>
      attributes {llm.segment = "head"} {
    %wanted = llm.output_rows %rows, %x : !llm.rows, tensor<?x4xf32> -> tensor<?x4xf32>
    %y = llm.logits %wanted, %head : tensor<?x4xf32>, !pack.block<8x4, #pack.format<bf16>, tiles> -> tensor<?x8xf32>
    return %y : tensor<?x8xf32>
  }
}
