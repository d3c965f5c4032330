// RUN: osscc-opt %s --tile-share-segments | FileCheck %s

// Layers that differ in weights and constants alone call one function; what all of them hand over alike stays in it, and what always goes
// together (the offset in both forms) is one argument.
// CHECK-LABEL: func @layer_0() attributes {abi.segment = "layer"} {
// CHECK-NEXT:    %[[A:.+]] = abi.weight @a
// CHECK-NEXT:    %[[O:.+]] = arith.constant 0 : index
// CHECK-NEXT:    call @layers_0(%[[A]], %[[O]]) : (memref<4xi8>, index) -> ()
// CHECK-NEXT:    return
func.func @layer_0() attributes {abi.segment = "layer"} {
  %c7 = arith.constant 7 : index
  %c0 = arith.constant 0 : index
  %w = abi.weight @a : memref<4xi8>
  %shared = abi.weight @shared : memref<4xi8>
  %rows = abi.rows
  %one = arith.cmpi eq, %rows, %c7 : index
  scf.if %one {
    func.call @kernel(%w, %shared, %c0) : (memref<4xi8>, memref<4xi8>, index) -> ()
  } else {
    func.call @kernel(%shared, %w, %c0) : (memref<4xi8>, memref<4xi8>, index) -> ()
  }
  return
}

// CHECK-LABEL: func @layer_1()
// CHECK-NEXT:    %[[B:.+]] = abi.weight @b
// CHECK-NEXT:    %[[O:.+]] = arith.constant 64 : index
// CHECK-NEXT:    call @layers_0(%[[B]], %[[O]])
// CHECK-NEXT:    return
func.func @layer_1() attributes {abi.segment = "layer"} {
  %w = abi.weight @b : memref<4xi8>
  %c64 = arith.constant 64 : index
  %c7 = arith.constant 7 : index
  %shared = abi.weight @shared : memref<4xi8>
  %rows = abi.rows
  %one = arith.cmpi eq, %rows, %c7 : index
  scf.if %one {
    func.call @kernel(%w, %shared, %c64) : (memref<4xi8>, memref<4xi8>, index) -> ()
  } else {
    func.call @kernel(%shared, %w, %c64) : (memref<4xi8>, memref<4xi8>, index) -> ()
  }
  return
}

// Another shape, another order of kernels, a segment alone of its kind: their own code.
// CHECK-LABEL: func @other_shape()
// CHECK:         abi.weight @c : memref<8xi8>
// CHECK-NOT:     call @layers
// CHECK:         call @wide
func.func @other_shape() attributes {abi.segment = "layer"} {
  %w = abi.weight @c : memref<8xi8>
  func.call @wide(%w) : (memref<8xi8>) -> ()
  return
}
// CHECK-LABEL: func @twice()
// CHECK-NOT:     call @layers
// CHECK:         call @wide
// CHECK:         call @wide
func.func @twice() attributes {abi.segment = "layer"} {
  %w = abi.weight @c : memref<8xi8>
  func.call @wide(%w) : (memref<8xi8>) -> ()
  func.call @wide(%w) : (memref<8xi8>) -> ()
  return
}

// Functions that are no segments stay, however equal.
// CHECK-LABEL: func private @plain_0
// CHECK-NEXT:    abi.weight @a
// CHECK-LABEL: func private @plain_1
// CHECK-NEXT:    abi.weight @b
func.func private @plain_0() {
  %w = abi.weight @a : memref<8xi8>
  func.call @wide(%w) : (memref<8xi8>) -> ()
  return
}
func.func private @plain_1() {
  %w = abi.weight @b : memref<8xi8>
  func.call @wide(%w) : (memref<8xi8>) -> ()
  return
}

func.func private @kernel(memref<4xi8>, memref<4xi8>, index)
func.func private @wide(memref<8xi8>)

// CHECK:       func private @layers_0(%[[W:.+]]: memref<4xi8>, %[[O:.+]]: index) {
// CHECK-DAG:     %[[S:.+]] = abi.weight @shared
// CHECK-DAG:     %[[C7:.+]] = arith.constant 7 : index
// CHECK:         arith.cmpi eq, %{{.+}}, %[[C7]]
// CHECK:         call @kernel(%[[W]], %[[S]], %[[O]])
// CHECK:         call @kernel(%[[S]], %[[W]], %[[O]])
// CHECK-NOT:   func
