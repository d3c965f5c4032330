// Sequences of tokens and what the model says of them. A session owns the caches of its sequences
// and the scratch memory of a call; it cuts whatever is fed to it into calls of at most
// `rowsPerCall` rows. How it is cut changes no number.
#pragma once

#include "runtime/device/Memory.h"
#include "runtime/device/Runner.h"
#include "runtime/model/KvCache.h"
#include "runtime/model/Model.h"

#include <algorithm>
#include <span>
#include <vector>

namespace osscc::rt {

/// One token at the end of one sequence.
struct Row {
  int32_t token = 0;    ///< id, below the vocabulary
  int64_t sequence = 0; ///< as addSequence() returned it
  bool output = false;  ///< whether its logits are wanted
};

class Session {
public:
  struct Options {
    int64_t context = 0;             ///< positions at most; 0: the model's own
    int64_t rowsPerCall = 0;         ///< 0: model's max_rows; a larger value is cut to it
    const int64_t *cancel = nullptr; ///< not 0: feed() stops between segments
    /// Bytes that may be taken, asked here and before the caches grow; none: the runner's storage
    /// is asked.
    AskMemory memory = {};
  };

  /// \param model, runner  must outlive the session.
  /// \param runner  whatever can run this model: workers, or the device that has its weights.
  /// \errors  kInvalidArgument naming both numbers when options.context exceeds the model's;
  /// kOutOfMemory, naming both numbers, when the memory does not suffice for the scratch and for
  /// one sequence of options.context positions, or of one call where that is 0.
  static Result<Session> create(const Model &model, Runner &runner, Options options);

  /// Adds an empty sequence and returns its index: 0, 1, ...
  int64_t addSequence();

  /// Appends each row to its sequence, and computes the logits of those rows that want them.
  ///
  /// \param rows    in any mixture of sequences; rows of one sequence stand in the order of its
  /// text.
  /// \param logits  [rows with output, V] row by row, in the order of `rows`.
  /// \errors  kInvalidArgument for a token or sequence out of range, for logits of another size, or
  /// for a sequence that would become longer than the context (both numbers are named): nothing is
  /// then fed. kOutOfMemory, naming both numbers, where the caches cannot grow as far: nothing is
  /// fed, unless other programs take the memory meanwhile. kCancelled, and then: the calls before
  /// it have been fed. A model with states has changed them in part by then: its sequences of that
  /// call go back to what was kept of them, as rewind() does.
  Status feed(std::span<const Row> rows, std::span<float> logits);

  /// Whether memory for so long a sequence is to be had, before a text is fed in parts.
  /// \errors  kOutOfMemory naming both numbers.
  Status checkRoom(int64_t sequence, int64_t length) const {
    return cache.checkRoom(cache.missingBytes(sequence, length));
  }

  /// Appends tokens to one sequence; `logits` is [V] for those of the last token, or empty.
  Status append(int64_t sequence, std::span<const int32_t> tokens, std::span<float> logits);

  /// The longest beginning of a sequence, of at most `length` tokens, behind which it can go on
  /// exactly. Where layers see a window only, what lies further back is not kept, and a state has
  /// no beginnings: this is then the length of an earlier keep(), or 0.
  int64_t resumable(int64_t sequence, int64_t length) const {
    return cache.resumable(sequence, std::min(length, int64_t(texts[sequence].size())));
  }

  /// Cuts a sequence to its first resumable(sequence, length) tokens; returns how many they are.
  /// The caller feeds again what it wants of the others.
  [[nodiscard]] int64_t rewind(int64_t sequence, int64_t length);

  /// Keeps what it takes to cut a sequence to its present text later on, or without states to a
  /// token less.
  void keep(int64_t sequence) { cache.keep(sequence, int64_t(texts[sequence].size())); }

  /// The tokens that `sequence` holds now.
  std::span<const int32_t> tokens(int64_t sequence) const { return texts[sequence]; }
  int64_t context() const { return contextRows; }
  int64_t vocabulary() const { return model->abi().vocabulary; }
  int64_t rowsPerCall() const { return callRows; }
  /// Whether sequences go back to lengths alone that were kept.
  bool hasStates() const { return cache.hasStates(); }
  int64_t cacheBytes() const { return cache.bytes(); }

private:
  Session(const Model &model, Runner &runner, int64_t context, int64_t rows, AskMemory memory);
  void takeLengths();
  Status check(std::span<const Row> rows, std::span<const float> logits);
  Status call(std::span<const Row> rows, float *logits);
  Status run(std::span<const Row> rows, float *logits);

  const Model *model;
  Runner *runner;
  int64_t contextRows;
  int64_t callRows;
  const int64_t *cancel = nullptr;
  KvCache cache;
  Storage::Block arena;
  std::vector<std::vector<int32_t>> texts; // [sequence]
  // Of one call, kept for their memory:
  std::vector<int64_t> after; // [sequence] its length behind the rows that were looked at
  std::vector<int64_t> rowTokens, positions, sequences, outputs;
};

} // namespace osscc::rt
