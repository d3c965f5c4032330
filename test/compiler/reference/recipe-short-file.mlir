// RUN: mkdir -p %t
// RUN: %python -c "import sys; open(sys.argv[1] + '/short.bin', 'wb').write(bytes(12))" %t
// RUN: not osscc-eval %s --weights=%t 2>&1 | FileCheck %s

// CHECK: short.bin: error: ends at byte 12, but a tensor ends at 16
pack.weight @w : !pack.source<1x4xf32> {
  %0 = pack.slice "short.bin" at 0 : !pack.source<1x4xf32>
  pack.yield %0 : !pack.source<1x4xf32>
}
func.func @w_used() -> tensor<1x4xf32> {
  %w = pack.get @w : tensor<1x4xf32>
  return %w : tensor<1x4xf32>
}
