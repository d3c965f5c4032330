// RUN: osscc-opt %s --abi-describe-module --split-input-file --verify-diagnostics

// expected-error @below {{has abi.model, but no abi.arena_bytes or abi.cache_groups}}
module attributes {abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 3, layers = 1, positions = 128, max_rows = 16>} {
}

// -----

module attributes {abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 3, layers = 1, positions = 128, max_rows = 16>,
                   abi.cache_groups = [], abi.arena_bytes = 512 : i64} {
  // expected-error @below {{unknown kind of segment "tail"}}
  llvm.func @tail(!llvm.ptr, i64) attributes {abi.segment = "tail"}
}
