// What an executable was made from: sizes and SHA-256 of the source files. Stage: emit.
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace osscc {

/// Reads files on a thread of its own, beside code generation, which leaves cores and the disk
/// idle: packing then finds them in the page cache. Destroying it stops the reading. Where the
/// system gives no thread, take() reads.
class ProvenanceReader {
public:
  explicit ProvenanceReader(llvm::ArrayRef<std::string> paths);
  ~ProvenanceReader();

  /// Waits, and hands over one entry a path, in their order. To be called once.
  /// \errors  InputError: a file cannot be read.
  llvm::Expected<std::vector<std::unique_ptr<bundle::SourceT>>> take();

private:
  void readAll();

  std::vector<std::string> paths;
  std::vector<std::unique_ptr<bundle::SourceT>> sources;
  std::atomic<bool> stopped = false;
  llvm::Error problem = llvm::Error::success();
  std::thread thread;
};

} // namespace osscc
