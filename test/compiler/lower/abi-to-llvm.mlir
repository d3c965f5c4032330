// RUN: osscc-opt %s --abi-to-llvm --split-input-file | FileCheck %s

// Every function takes the call and the worker's number, and hands them on.
// CHECK-LABEL: func @caller
// CHECK-SAME:    (%[[CALL:.+]]: !llvm.ptr, %[[WORKER:.+]]: i64)
// CHECK-NEXT:    call @callee(%[[CALL]], %[[WORKER]])
func.func @caller() {
  call @callee() : () -> ()
  return
}
// CHECK:       func private @callee(%{{.+}}: !llvm.ptr, %{{.+}}: i64)
func.func private @callee() {
  return
}

// -----

// Numbers of the call are invariant loads at their field: rows is field 1, output_rows 7, workers 17.
// CHECK-LABEL: func @fields
// CHECK-SAME:    (%[[CALL:.+]]: !llvm.ptr, %[[WORKER:.+]]: i64)
// CHECK-DAG:     llvm.getelementptr %[[CALL]][8] :
// CHECK-DAG:     llvm.getelementptr %[[CALL]][56] :
// CHECK-DAG:     llvm.getelementptr %[[CALL]][136] :
// CHECK-DAG:     llvm.load %{{.+}} invariant {alignment = 8 : i64} : !llvm.ptr -> i64
// CHECK-DAG:     arith.index_cast %[[WORKER]] : i64 to index
// CHECK-NOT:     abi.
func.func @fields() -> (index, index, index, index) {
  %rows = abi.rows
  %outputs = abi.output_rows
  %workers = abi.workers
  %worker = abi.worker
  return %rows, %outputs, %workers, %worker : index, index, index, index
}

// -----

// Numbers of a row are elements of the call's arrays: tokens 2, positions 4, sequences 5, outputs 8.
// CHECK-LABEL: func @row_fields
// CHECK-SAME:    (%[[CALL:.+]]: !llvm.ptr, %{{.+}}: i64, %[[ROW:.+]]: index)
// CHECK-DAG:     llvm.getelementptr %[[CALL]][16] :
// CHECK-DAG:     llvm.getelementptr %[[CALL]][32] :
// CHECK-DAG:     llvm.getelementptr %[[CALL]][40] :
// CHECK-DAG:     llvm.getelementptr %[[CALL]][64] :
// CHECK-DAG:     %[[INDEX:.+]] = arith.index_cast %[[ROW]] : index to i64
// CHECK-DAG:     llvm.getelementptr %{{.+}}[%[[INDEX]]] : (!llvm.ptr, i64) -> !llvm.ptr, i64
// CHECK-NOT:     abi.
func.func @row_fields(%row: index) -> (index, index, index, index) {
  %token = abi.token %row
  %position = abi.position %row
  %sequence = abi.sequence %row
  %output = abi.output_row %row
  return %token, %position, %sequence, %output : index, index, index, index
}

// -----

pack.weight @first : !pack.block<2, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<2xf32>
  %1 = pack.quantize %0 : !pack.source<2xf32> -> !pack.block<2, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<2, #pack.format<f32>, rows>
}
pack.weight @second : !pack.block<2, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 16 : !pack.source<2xf32>
  %1 = pack.quantize %0 : !pack.source<2xf32> -> !pack.block<2, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<2, #pack.format<f32>, rows>
}

// The second weight is the second pointer of the table (field 15); the arena (14) begins 128 bytes on; the output is field 10.
// CHECK-LABEL: func @memory
// CHECK-SAME:    (%[[CALL:.+]]: !llvm.ptr, %{{.+}}: i64, %[[ROWS:.+]]: index)
// CHECK-DAG:     %[[AT:.+]] = llvm.getelementptr %[[CALL]][120] :
// CHECK-DAG:     %[[TABLE:.+]] = llvm.load %[[AT]] invariant {{.*}} -> !llvm.ptr
// CHECK-DAG:     llvm.getelementptr %[[TABLE]][8] :
// CHECK-DAG:     builtin.unrealized_conversion_cast %{{.+}} to memref<2xf32>
// CHECK-DAG:     llvm.getelementptr %[[CALL]][112] :
// CHECK-DAG:     llvm.getelementptr %{{.+}}[128] :
// CHECK-DAG:     builtin.unrealized_conversion_cast %{{.+}} to memref<?x4xf32>
// CHECK-DAG:     llvm.getelementptr %[[CALL]][80] :
// CHECK-NOT:     abi.
func.func @memory(%rows: index) -> (memref<2xf32>, memref<?x4xf32>, memref<?x8xf32>) {
  %w = abi.weight @second : memref<2xf32>
  %a = abi.arena 128(%rows) : memref<?x4xf32>
  %o = abi.output %rows : memref<?x8xf32>
  return %w, %a, %o : memref<2xf32>, memref<?x4xf32>, memref<?x8xf32>
}

// -----

// Input embeddings (field 3) are there if their pointer is not null.
// CHECK-LABEL: func @embeddings
// CHECK-DAG:     %[[AT:.+]] = llvm.getelementptr %{{.+}}[24] :
// CHECK-DAG:     %[[BASE:.+]] = llvm.load %[[AT]]
// CHECK-DAG:     %[[NULL:.+]] = llvm.mlir.zero : !llvm.ptr
// CHECK:         llvm.icmp "ne" %[[BASE]], %[[NULL]]
func.func @embeddings(%rows: index) -> (i1, memref<?x4xf32>) {
  %given, %x = abi.embeddings %rows : memref<?x4xf32>
  return %given, %x : i1, memref<?x4xf32>
}

// -----

// A page is found by group, sequence and number: caches (field 16) [group][sequence][index], then bytes.
// CHECK-LABEL: func @page
// CHECK-SAME:    (%[[CALL:.+]]: !llvm.ptr, %{{.+}}: i64, %[[S:.+]]: index, %[[I:.+]]: index, %[[B:.+]]: index)
// CHECK:         llvm.getelementptr %[[CALL]][128] :
// CHECK:         %[[GROUP:.+]] = llvm.getelementptr %{{.+}}[8] :
// CHECK:         llvm.load %[[GROUP]]
// CHECK-COUNT-2: llvm.getelementptr %{{.+}}[%{{.+}}] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.ptr
// CHECK:         llvm.getelementptr %{{.+}}[%{{.+}}] : (!llvm.ptr, i64) -> !llvm.ptr, i8
func.func @page(%sequence: index, %index: index, %offset: index) -> memref<2x4xf32> {
  %p = abi.page 1 of %sequence[%index] at %offset : memref<2x4xf32>
  return %p : memref<2x4xf32>
}

// -----

// A grid is begun, shared and ended by services (field 18): barrier at 8 bytes, next_block at 16, finish at 24.
// CHECK-LABEL: func @sharing
// CHECK-SAME:    (%[[CALL:[a-z0-9]+]]: !llvm.ptr, %[[WORKER:[a-z0-9]+]]: i64
// CHECK:         %[[FIELD:.+]] = llvm.getelementptr %[[CALL]][144] :
// CHECK:         %[[SERVICES:.+]] = llvm.load %[[FIELD]]
// CHECK:         llvm.getelementptr %[[SERVICES]][8] :
// CHECK:         llvm.call %{{.+}}(%[[CALL]], %[[WORKER]]) : !llvm.ptr, (!llvm.ptr, i64) -> ()
// CHECK:         llvm.getelementptr %{{.+}}[16] :
// CHECK:         llvm.call %{{.+}}(%[[CALL]], %[[WORKER]], %{{.+}}, %{{.+}}) : !llvm.ptr, (!llvm.ptr, i64, i64, i64) -> i64
// CHECK:         llvm.getelementptr %{{.+}}[24] :
// CHECK:         llvm.call %{{.+}}(%[[CALL]], %[[WORKER]], %{{.+}}) : !llvm.ptr, (!llvm.ptr, i64, i64) -> ()
func.func @sharing(%owner: index, %count: index) -> index {
  abi.barrier
  %block = abi.next_block of %owner below %count
  abi.finish %count
  return %block : index
}
