// The files of a checkpoint while weights are written: read by any thread, opened once.
// Stage: emit.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <cstdint>
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

} // namespace osscc
