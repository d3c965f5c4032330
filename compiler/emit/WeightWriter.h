// Runs a weight's recipe when the executable is written: slices of the checkpoint in, stored bytes
// out. Streamed in strips of a few megabytes, so the largest weight needs no more memory than the
// smallest. Stage: emit.
#pragma once

#include "compiler/emit/SourceFiles.h"
#include "dialects/pack/Pack.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/ThreadPool.h"

namespace osscc {

/// Takes the next bytes of a weight.
using ByteSink = llvm::function_ref<llvm::Error(llvm::ArrayRef<char>)>;

/// Writes a weight as its block type stores it, from the first byte to the last.
/// \param weight  its type is a !pack.block: storage has been chosen.
/// \param threads  do the reading and packing, some strips ahead of the sink.
/// \errors  those of SourceFiles::read, and those of `sink`: the first in the order of the bytes.
llvm::Error writeWeight(pack::WeightOp weight, SourceFiles &sources,
                        llvm::ThreadPoolInterface &threads, ByteSink sink);

} // namespace osscc
