// --verify: the executable's own numbers against the slow evaluation of its graph.
#pragma once

#include "compiler/pipeline/Pipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace osscc {

struct VerifyOptions {
  std::string executable; ///< Its path, with a slash.
  std::string folder;     ///< Where the files of the module's pack.slice ops are.
  int64_t tokens = 8; ///< How many are compared; more than the fixed text has: the text repeats.
  double cosine = 0.99999; ///< The least cosine of centred logits that passes, at every token:
                           ///< see verifyTolerance.
};

/// How near the two came.
struct Agreement {
  int64_t tokens;    ///< compared
  double cosine;     ///< the least of centred logits
  double difference; ///< the largest of two logits
};

/// The tolerance for the arithmetic of a module of the stage packed: rows of f32 lose nothing but
/// the order of sums, rows in codes of 16 or 8 bits (2 planes or 1) what the codes round away.
double verifyTolerance(mlir::ModuleOp module, const PipelineOptions &pipeline);

/// Runs the first tokens of a fixed text through `executable score --logits` and through the
/// reference evaluator.
///
/// \param module  the stage packed: weights have their stored formats, the graph is still one of
///                llm ops.
/// \returns  the agreement, if it is within the tolerance.
/// \errors   InputError, exit status 1: the agreement is not, or the executable does not run here.
/// Cost: each weight is read once as f32 and multiplied in plain loops on one core: about a second
/// for 100 million weights and 8 tokens.
llvm::Expected<Agreement> verifyExecutable(mlir::ModuleOp module, const VerifyOptions &options);

/// The agreement of two [T, V] blocks of logits, row by row. A value that is not finite gives a
/// cosine of -1.
Agreement compareLogits(llvm::ArrayRef<float> found, llvm::ArrayRef<float> expected,
                        int64_t vocabulary);

} // namespace osscc
