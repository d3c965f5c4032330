// A model of three layers that hand on two values beside the hidden rows. The first two layers are of one form: they add a product of %a to
// the hidden rows, and hand on %b in the place of %a, and in the place of %b a sum with %a and with what they make of the hidden rows. The
// third leaves %a alone and makes %b anew. The weights follow each other in the file "weights", f32.
module attributes {llm.config = #llm.config<family = "carried", layers = 3, hidden = 16, vocabulary = 16, positions = 64, max_rows = 64, carried = [8, 8]>} {
  pack.weight @table : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 0 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @table_a : !pack.source<16x8xf32> { %0 = pack.slice "weights" at 1024 : !pack.source<16x8xf32> pack.yield %0 : !pack.source<16x8xf32> }
  pack.weight @table_b : !pack.source<16x8xf32> { %0 = pack.slice "weights" at 1536 : !pack.source<16x8xf32> pack.yield %0 : !pack.source<16x8xf32> }
  pack.weight @final : !pack.source<16xf32> { %0 = pack.slice "weights" at 2048 : !pack.source<16xf32> pack.yield %0 : !pack.source<16xf32> }
  pack.weight @scale_0 : !pack.source<16xf32> { %0 = pack.slice "weights" at 2112 : !pack.source<16xf32> pack.yield %0 : !pack.source<16xf32> }
  pack.weight @q_0 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 2176 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @k_0 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 3200 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @v_0 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 4224 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @o_0 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 5248 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @up_0 : !pack.source<16x8xf32> { %0 = pack.slice "weights" at 6272 : !pack.source<16x8xf32> pack.yield %0 : !pack.source<16x8xf32> }
  pack.weight @down_0 : !pack.source<8x16xf32> { %0 = pack.slice "weights" at 6784 : !pack.source<8x16xf32> pack.yield %0 : !pack.source<8x16xf32> }
  pack.weight @scale_1 : !pack.source<16xf32> { %0 = pack.slice "weights" at 7296 : !pack.source<16xf32> pack.yield %0 : !pack.source<16xf32> }
  pack.weight @q_1 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 7360 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @k_1 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 8384 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @v_1 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 9408 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @o_1 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 10432 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @up_1 : !pack.source<16x8xf32> { %0 = pack.slice "weights" at 11456 : !pack.source<16x8xf32> pack.yield %0 : !pack.source<16x8xf32> }
  pack.weight @down_1 : !pack.source<8x16xf32> { %0 = pack.slice "weights" at 11968 : !pack.source<8x16xf32> pack.yield %0 : !pack.source<8x16xf32> }
  pack.weight @scale_2 : !pack.source<16xf32> { %0 = pack.slice "weights" at 12480 : !pack.source<16xf32> pack.yield %0 : !pack.source<16xf32> }
  pack.weight @q_2 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 12544 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @k_2 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 13568 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @v_2 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 14592 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @o_2 : !pack.source<16x16xf32> { %0 = pack.slice "weights" at 15616 : !pack.source<16x16xf32> pack.yield %0 : !pack.source<16x16xf32> }
  pack.weight @up_2 : !pack.source<16x8xf32> { %0 = pack.slice "weights" at 16640 : !pack.source<16x8xf32> pack.yield %0 : !pack.source<16x8xf32> }
  pack.weight @down_2 : !pack.source<8x16xf32> { %0 = pack.slice "weights" at 17152 : !pack.source<8x16xf32> pack.yield %0 : !pack.source<8x16xf32> }
  func.func @embed(%rows: !llm.rows) -> (tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>) attributes {llm.segment = "embed"} {
    %table = pack.get @table : tensor<16x16xf32>
    %e_table = llm.embed %rows, %table : !llm.rows, tensor<16x16xf32> -> tensor<?x16xf32>
    %table_a = pack.get @table_a : tensor<16x8xf32>
    %e_table_a = llm.embed %rows, %table_a : !llm.rows, tensor<16x8xf32> -> tensor<?x8xf32>
    %table_b = pack.get @table_b : tensor<16x8xf32>
    %e_table_b = llm.embed %rows, %table_b : !llm.rows, tensor<16x8xf32> -> tensor<?x8xf32>
    return %e_table, %e_table_a, %e_table_b : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
  func.func @layer_0(%rows: !llm.rows, %cache: !llm.cache<0, heads = 2, size = 8>, %x: tensor<?x16xf32>, %a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>) attributes {llm.segment = "layer"} {
    %scale_0 = pack.get @scale_0 : tensor<16xf32>
    %q_0 = pack.get @q_0 : tensor<16x16xf32>
    %k_0 = pack.get @k_0 : tensor<16x16xf32>
    %v_0 = pack.get @v_0 : tensor<16x16xf32>
    %o_0 = pack.get @o_0 : tensor<16x16xf32>
    %up_0 = pack.get @up_0 : tensor<16x8xf32>
    %down_0 = pack.get @down_0 : tensor<8x16xf32>
    %n = llm.rms_norm %x, %scale_0 eps 1.0e-05 : tensor<?x16xf32>, tensor<16xf32>
    %q = llm.linear %n, %q_0 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %k = llm.linear %n, %k_0 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %v = llm.linear %n, %v_0 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>, tensor<?x16xf32>
    %y = llm.attention %rows, %cache layer 0, %q scale 0.35 : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>
    %o = llm.linear %y, %o_0 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %x1 = llm.add %x, %o : tensor<?x16xf32>
    %u = llm.linear %a, %up_0 : tensor<?x8xf32>, tensor<16x8xf32> -> tensor<?x16xf32>
    %x2 = llm.add %x1, %u : tensor<?x16xf32>
    %d = llm.linear %x2, %down_0 : tensor<?x16xf32>, tensor<8x16xf32> -> tensor<?x8xf32>
    %s = llm.add %a, %d : tensor<?x8xf32>
    return %x2, %b, %s : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
  func.func @layer_1(%rows: !llm.rows, %cache: !llm.cache<0, heads = 2, size = 8>, %x: tensor<?x16xf32>, %a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>) attributes {llm.segment = "layer"} {
    %scale_1 = pack.get @scale_1 : tensor<16xf32>
    %q_1 = pack.get @q_1 : tensor<16x16xf32>
    %k_1 = pack.get @k_1 : tensor<16x16xf32>
    %v_1 = pack.get @v_1 : tensor<16x16xf32>
    %o_1 = pack.get @o_1 : tensor<16x16xf32>
    %up_1 = pack.get @up_1 : tensor<16x8xf32>
    %down_1 = pack.get @down_1 : tensor<8x16xf32>
    %n = llm.rms_norm %x, %scale_1 eps 1.0e-05 : tensor<?x16xf32>, tensor<16xf32>
    %q = llm.linear %n, %q_1 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %k = llm.linear %n, %k_1 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %v = llm.linear %n, %v_1 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    llm.kv_append %rows, %cache layer 1, %k, %v : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>, tensor<?x16xf32>
    %y = llm.attention %rows, %cache layer 1, %q scale 0.35 : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>
    %o = llm.linear %y, %o_1 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %x1 = llm.add %x, %o : tensor<?x16xf32>
    %u = llm.linear %a, %up_1 : tensor<?x8xf32>, tensor<16x8xf32> -> tensor<?x16xf32>
    %x2 = llm.add %x1, %u : tensor<?x16xf32>
    %d = llm.linear %x2, %down_1 : tensor<?x16xf32>, tensor<8x16xf32> -> tensor<?x8xf32>
    %s = llm.add %a, %d : tensor<?x8xf32>
    return %x2, %b, %s : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
  func.func @layer_2(%rows: !llm.rows, %cache: !llm.cache<0, heads = 2, size = 8>, %x: tensor<?x16xf32>, %a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>) attributes {llm.segment = "layer"} {
    %scale_2 = pack.get @scale_2 : tensor<16xf32>
    %q_2 = pack.get @q_2 : tensor<16x16xf32>
    %k_2 = pack.get @k_2 : tensor<16x16xf32>
    %v_2 = pack.get @v_2 : tensor<16x16xf32>
    %o_2 = pack.get @o_2 : tensor<16x16xf32>
    %up_2 = pack.get @up_2 : tensor<16x8xf32>
    %down_2 = pack.get @down_2 : tensor<8x16xf32>
    %n = llm.rms_norm %x, %scale_2 eps 1.0e-05 : tensor<?x16xf32>, tensor<16xf32>
    %q = llm.linear %n, %q_2 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %k = llm.linear %n, %k_2 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %v = llm.linear %n, %v_2 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    llm.kv_append %rows, %cache layer 2, %k, %v : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>, tensor<?x16xf32>
    %y = llm.attention %rows, %cache layer 2, %q scale 0.35 : !llm.rows, !llm.cache<0, heads = 2, size = 8>, tensor<?x16xf32>
    %o = llm.linear %y, %o_2 : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    %x1 = llm.add %x, %o : tensor<?x16xf32>
    %u = llm.linear %a, %up_2 : tensor<?x8xf32>, tensor<16x8xf32> -> tensor<?x16xf32>
    %x2 = llm.add %x1, %u : tensor<?x16xf32>
    %d = llm.linear %x2, %down_2 : tensor<?x16xf32>, tensor<8x16xf32> -> tensor<?x8xf32>
    return %x2, %a, %d : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
  func.func @head(%rows: !llm.rows, %x: tensor<?x16xf32>, %a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> tensor<?x16xf32> attributes {llm.segment = "head"} {
    %final = pack.get @final : tensor<16xf32>
    %up_0 = pack.get @up_0 : tensor<16x8xf32>
    %table = pack.get @table : tensor<16x16xf32>
    %s = llm.add %a, %b : tensor<?x8xf32>
    %u = llm.linear %s, %up_0 : tensor<?x8xf32>, tensor<16x8xf32> -> tensor<?x16xf32>
    %sum = llm.add %x, %u : tensor<?x16xf32>
    %n = llm.rms_norm %sum, %final eps 1.0e-05 : tensor<?x16xf32>, tensor<16xf32>
    %logits = llm.logits %n, %table : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
    return %logits : tensor<?x16xf32>
  }
}
