// RUN: osscc-opt %s --pack-choose-formats=storage=int3 --verify-diagnostics

// expected-error @below {{unknown storage 'int3', expected keep, f32, f16, bf16, int8 or int4}}
pack.weight @matrix : !pack.source<4x2xbf16> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xbf16>
  pack.yield %0 : !pack.source<4x2xbf16>
}
