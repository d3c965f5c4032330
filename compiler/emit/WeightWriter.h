// Runs a weight's recipe when the executable is written: slices of the checkpoint in, stored bytes
// out. Streamed in strips of a few megabytes, so the largest weight needs no more memory than the
// smallest. Stage: emit.
#pragma once

#include "dialects/pack/Pack.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ThreadPool.h"
#include <map>
#include <mutex>
#include <string>

namespace osscc {

/// What was stored of blocks that are read, not kept: sums over their values.
struct Loss {
  std::string stored; ///< The name of their format.
  uint64_t values = 0;
  double squares = 0, errors = 0; ///< Of the values, and of what they are off.
};

/// The files that slices read, all in one folder; opened at the first use, closed at the end. Any
/// thread may read.
class SourceFiles {
public:
  explicit SourceFiles(llvm::StringRef folder) : folder(folder) {}
  ~SourceFiles();
  SourceFiles(const SourceFiles &) = delete;

  /// Fills `to` from byte `offset` of a file. \errors  InputError: not readable, or it ends before.
  llvm::Error read(llvm::StringRef file, uint64_t offset, llvm::MutableArrayRef<char> to);

  /// Adds to the loss of a block type, by GGUF's name.
  void addLoss(llvm::StringRef blocks, const Loss &loss);
  const std::map<std::string, Loss> &losses() const { return lossOf; }

private:
  llvm::Expected<int> open(llvm::StringRef file, llvm::StringRef path);

  std::string folder;
  std::mutex lock; // of the descriptors and of the losses
  std::map<std::string, Loss> lossOf;
  llvm::StringMap<int> descriptors;
};

/// Takes the next bytes of a weight.
using ByteSink = llvm::function_ref<llvm::Error(llvm::ArrayRef<char>)>;

/// Writes a weight as its block type stores it, from the first byte to the last.
/// \param weight  its type is a !pack.block: storage has been chosen.
/// \param threads  do the reading and packing, some strips ahead of the sink.
/// \errors  those of SourceFiles::read, and those of `sink`: the first in the order of the bytes.
llvm::Error writeWeight(pack::WeightOp weight, SourceFiles &sources,
                        llvm::ThreadPoolInterface &threads, ByteSink sink);

} // namespace osscc
