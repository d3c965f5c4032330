// Linked image + index + weights -> one executable file. Stage: emit. docs/design/bundle.md draws
// the file.
#pragma once

#include "compiler/emit/Provenance.h"
#include "compiler/emit/WeightWriter.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/bundle/Bundle_generated.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"
#include <functional>
#include <string>
#include <vector>

namespace osscc {

/// How far the writing of weights is.
struct BundleProgress {
  size_t weights, allWeights;
  uint64_t bytes, allBytes;
};

struct WriteOptions {
  std::string output;                 ///< The executable's path: see OutputFile::create.
  std::string sourceFolder;           ///< Where the files lie that pack.slice names.
  ProvenanceReader *provenance;       ///< Reads every file that the executable is made from;
                                      ///< becomes index.sources.
  llvm::ThreadPoolInterface *threads; ///< Read and pack the weights.
  /// Called now and then, and at the end; may be empty.
  std::function<void(const BundleProgress &)> progress;
  /// Tries the complete executable under a temporary name; if it refuses, what had the final name
  /// before keeps it. May be empty.
  std::function<llvm::Error(llvm::StringRef path)> check;
};

/// Sizes of a written executable, in bytes.
struct Written {
  uint64_t file, weights, index;
  std::map<std::string, Loss> losses; ///< By GGUF's name of the blocks that were read, not kept.
};

/// Writes the executable: the image, then the payload in the load segment that the image reserves.
/// A file of the final name appears only when it is complete; on an error, and on a signal, nothing
/// is left. The same inputs give the same bytes.
///
/// \param image   as linkExecutable gives it.
/// \param index   everything but `version`, `weights` and `sources`, which are filled here.
/// \param module  its pack.weight ops are the weights, in the order and at the places of
/// pack::placeWeights.
/// \errors  InputError: a source cannot be read, or the output cannot be written (a full disk, a
/// folder that is missing).
llvm::Expected<Written> writeExecutable(const llvm::MemoryBuffer &image, bundle::BundleT &index,
                                        mlir::ModuleOp module, const WriteOptions &options);

} // namespace osscc
