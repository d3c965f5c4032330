// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of TileExperts.td.

func.func @route_C1(%logits: memref<?x3xf32>, %plan: memref<?x21xi32>) {
  // expected-error @below {{chooses 4 of 3 experts}}
  tile.route chosen top 4 ins(%logits : memref<?x3xf32>) outs(%plan : memref<?x21xi32>)
  return
}

// -----

func.func @route_C2(%logits: memref<?x3xf32>, %plan: memref<?x10xi32>) {
  // expected-error @below {{chooses 2 experts, so the plan has 11 words a row, found 10}}
  tile.route chosen top 2 ins(%logits : memref<?x3xf32>) outs(%plan : memref<?x10xi32>)
  return
}

// -----

func.func @gather_slots_C1(%x: memref<?x4xf32>, %plan: memref<?x6xi32>, %out: memref<?x4xi32>) {
  // expected-error @below {{x is 'memref<?x4xf32>', but out is 'memref<?x4xi32>'}}
  tile.gather_slots ins(%x, %plan : memref<?x4xf32>, memref<?x6xi32>) outs(%out : memref<?x4xi32>)
  return
}

// -----

func.func @gather_slots_C2(%x: memref<?x4xf32>, %plan: memref<?x5xi32>) {
  // expected-error @below {{'memref<?x5xi32>' is no plan}}
  tile.gather_slots ins(%x, %plan : memref<?x4xf32>, memref<?x5xi32>) outs(%x : memref<?x4xf32>)
  return
}

// -----

func.func @combine_C1(%x: memref<?x4xf32>, %plan: memref<?x6xi32>, %out: memref<?x3xf32>) {
  // expected-error @below {{x has 4 channels, but out has 3}}
  tile.combine ins(%x, %plan : memref<?x4xf32>, memref<?x6xi32>) outs(%out : memref<?x3xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @combine_C2(%x: memref<?x4xf32>, %plan: memref<?x5xi32>, %out: memref<?x4xf32>) {
  // expected-error @below {{'memref<?x5xi32>' is no plan}}
  tile.combine ins(%x, %plan : memref<?x4xf32>, memref<?x5xi32>) outs(%out : memref<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @combine_C3(%x: memref<?x4xf32>, %plan: memref<?x6xi32>, %out: memref<?x4xf32>) {
  // expected-error @below {{the region takes 2 f32 and yields one}}
  tile.combine ins(%x, %plan : memref<?x4xf32>, memref<?x6xi32>) outs(%out : memref<?x4xf32>) {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}
