// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A window of 100: spans and steps begin with those that hold the first position that the row sees, scores before it are -inf, values are
// summed from it on. The pages are a ring of 3.
// CHECK-LABEL: func @window
// CHECK-DAG:     %[[NEVER:.+]] = arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK-DAG:     %[[BEFORE:.+]] = arith.constant 99 : index
// CHECK-DAG:     %[[ZERO:.+]] = arith.constant 0 : index
// CHECK:         tile.grid
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[SEEN:.+]] = arith.subi %[[P]], %[[BEFORE]]
// CHECK:         %[[FIRST:.+]] = arith.maxsi %[[SEEN]], %[[ZERO]]
// CHECK:         %[[SPAN:.+]] = arith.divui %[[FIRST]], %{{.+}}
// CHECK:         scf.for %{{.+}} = %[[SPAN]] to
// CHECK:         %[[STEP:.+]] = arith.divui %[[FIRST]], %{{.+}}
// CHECK:         %[[FROM:.+]] = arith.maxsi %{{.+}}, %[[STEP]]
// CHECK:         scf.for %[[S:.+]] = %[[FROM]] to
// CHECK:           %[[BASE:.+]] = arith.muli %[[S]], %{{.+}}
// CHECK:           %[[LEFT:.+]] = arith.subi %[[FIRST]], %[[BASE]]
// CHECK:           %[[HIDDEN:.+]] = arith.maxsi %[[LEFT]], %[[ZERO]]
// CHECK:           %[[NUMBER:.+]] = arith.divui %[[BASE]], %{{.+}}
// CHECK:           %[[PAGE:.+]] = arith.remui %[[NUMBER]], %{{.+}}
// CHECK:           abi.page 0 of %{{.+}}[%[[PAGE]]]
// CHECK:           arith.select %{{.+}}, %{{.+}}, %[[NEVER]]
// CHECK:           %[[MASK:.+]] = vector.create_mask
// CHECK:           arith.select %[[MASK]], %[[NEVER]], %{{.+}}
// CHECK:           scf.for %{{.+}} = %[[HIDDEN]] to
// CHECK-NOT:     tile.attend
func.func @window(%q: memref<?x4xf32>, %offset: index, %out: memref<?x4xf32>) {
  tile.attend ins(%q, %offset : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16, ring = 3>, mask = #tile.mask<window = 100>, scale = 0.5 : f32}
  return
}

// -----

// Spans of a long window that are cut: the row's records are numbered from its first span on.
// CHECK-LABEL: func @cut_window
// CHECK:         scf.for
// CHECK:           %[[P:.+]] = abi.position
// CHECK:           %[[LAST:.+]] = arith.divui %[[P]], %{{.+}}
// CHECK:           %[[ALL:.+]] = arith.addi %[[LAST]], %{{.+}}
// CHECK:           %[[FIRST:.+]] = arith.maxsi
// CHECK:           %[[BEFORE:.+]] = arith.divui %[[FIRST]], %{{.+}}
// CHECK:           %[[COUNT:.+]] = arith.subi %[[ALL]], %[[BEFORE]]
// CHECK:           arith.maxui %{{.+}}, %[[COUNT]]
// CHECK:         abi.barrier
// CHECK:         %[[BEGIN:.+]] = arith.divui
// CHECK:         scf.for %[[NUMBER:.+]] = %[[BEGIN]] to
// CHECK:           %[[RECORD:.+]] = arith.subi %[[NUMBER]], %[[BEGIN]]
// CHECK:           arith.addi %{{.+}}, %[[RECORD]]
func.func @cut_window(%q: memref<?x4xf32>, %offset: index, %out: memref<?x4xf32>, %partials: memref<256x36xf32>) {
  tile.attend ins(%q, %offset : memref<?x4xf32>) outs(%out : memref<?x4xf32>) partials(%partials : memref<256x36xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16, ring = 80>, mask = #tile.mask<window = 4096>, scale = 0.5 : f32}
  return
}

// -----

// The head's sink joins once, at the end: one weight more under the higher of both maxima.
// CHECK-LABEL: func @sinks
// CHECK-SAME:    %[[SINKS:[a-z0-9]+]]: memref<2xf32>
// CHECK:         %[[SUM:.+]] = vector.extract {{.*}} : f32 from vector<1xf32>
// CHECK:         %[[SINK:.+]] = memref.load %[[SINKS]]
// CHECK:         %[[BEFORE:.+]] = memref.load
// CHECK:         %[[MOST:.+]] = arith.maxnumf %[[BEFORE]], %[[SINK]]
// CHECK:         %[[DOWN:.+]] = arith.subf %[[BEFORE]], %[[MOST]]
// CHECK:         %[[KEEP:.+]] = math.exp %[[DOWN]]
// CHECK:         %[[RISE:.+]] = arith.subf %[[SINK]], %[[MOST]]
// CHECK:         %[[TAKEN:.+]] = math.exp %[[RISE]]
// CHECK:         %[[ALL:.+]] = math.fma %{{.+}}, %[[KEEP]], %[[TAKEN]]
// CHECK:         arith.divf %[[KEEP]], %[[ALL]]
func.func @sinks(%q: memref<?x8xf32>, %offset: index, %out: memref<?x8xf32>, %sinks: memref<2xf32>) {
  tile.attend ins(%q, %offset : memref<?x8xf32>) outs(%out : memref<?x8xf32>) sinks(%sinks : memref<2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}

// -----

// Cosine and sine are multiplied by the factor; the page of a ring of 3.
// CHECK-LABEL: func @factor
// CHECK:         %[[NUMBER:.+]] = arith.divui
// CHECK:         %[[PAGE:.+]] = arith.remui %[[NUMBER]], %{{.+}}
// CHECK:         abi.page 0 of %{{.+}}[%[[PAGE]]]
// CHECK:         %[[COS:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         %[[SIN:.+]] = arith.truncf %{{.+}} : vector<1xf64> to vector<1xf32>
// CHECK:         arith.mulf %[[COS]], %{{.+}} : vector<1xf32>
// CHECK:         arith.mulf %[[SIN]], %{{.+}} : vector<1xf32>
func.func @factor(%k: memref<?x2xf32>, %v: memref<?x2xf32>, %offset: index) {
  tile.append ins(%k, %v, %offset : memref<?x2xf32>, memref<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f32, ring = 3>, factor = 1.5 : f32, frequencies = array<f32: 1.0>}
  return
}
