// The numbers of every llm op, one function each, as LlmOps.td defines them. Inputs and results are
// f32, as in the compiled code; what lies between is double, so that these numbers are closer to
// the exact ones than any that they judge.
//
// Letters: T rows of this call, D hidden, H query heads, K key-value heads, d head size, F MLP
// width, V vocabulary.
#pragma once

#include "compiler/reference/Activation.h"
#include "compiler/reference/Tensor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <tuple>

namespace osscc::reference {

/// The rows of one call.
struct Rows {
  std::vector<int64_t> tokens, positions, sequences; ///< [T]
  std::vector<int64_t> outputs;                      ///< [O] rows whose output is wanted

  int64_t count() const { return static_cast<int64_t>(tokens.size()); }
};

/// What a layer that keeps no positions has of one sequence; empty: zeros.
struct State {
  std::vector<float> latest; ///< [kept, channels]
  std::vector<double> heads; ///< [heads, keys, values]
};

/// The past: keys and values, [K * d] each, of one position of one sequence in one layer, and the
/// states of layers that have no such.
class Cache {
public:
  /// Group, layer, sequence, position.
  using Place = std::tuple<int64_t, int64_t, int64_t, int64_t>;
  struct Entry {
    std::vector<float> key, value;
  };

  void append(Place place, Entry entry) { entries[place] = std::move(entry); }
  /// Null where nothing was appended.
  const Entry *find(Place place) const {
    auto found = entries.find(place);
    return found == entries.end() ? nullptr : &found->second;
  }

  /// Group, layer, sequence.
  State &state(std::tuple<int64_t, int64_t, int64_t> place) { return states[place]; }

private:
  std::map<Place, Entry> entries;
  std::map<std::tuple<int64_t, int64_t, int64_t>, State> states;
};

/// Which part of the cache an op means: `heads` key-value heads of `size` channels, of which with
/// `values` the first so many are the value.
struct CacheLayer {
  int64_t group, layer, heads, size, values = 0;
};

/// table [V, D] -> [T, D]. \errors  a token that the table does not have.
llvm::Expected<Tensor> embed(const Rows &rows, const Tensor &table);

/// table [P, D] -> [T, D], by positions. \errors  a position that the table does not have.
llvm::Expected<Tensor> embedPositions(const Rows &rows, const Tensor &table);

/// x [T, K] times weight [N, K], plus bias [1, N] unless null -> [T, N]; `logits` is the same.
Tensor linear(const Tensor &x, const Tensor &weight, const Tensor *bias = nullptr);

/// x [T, G * K], each group of channels times its own matrix of weight [G * N, K] -> [T, G * N].
Tensor groupedLinear(const Tensor &x, const Tensor &weight, int64_t groups);

/// What the channels of a group of `size` are multiplied by: values [1, size] plus the offset, or 1
/// where values are null.
struct NormScale {
  int64_t size;
  const Tensor *values = nullptr;
  float offset = 0;
};
/// x [T, D], each group of its channels by itself -> [T, D].
Tensor rmsNorm(const Tensor &x, const NormScale &scale, float eps);

/// The same of x - mean, plus bias [1, size] unless null.
Tensor layerNorm(const Tensor &x, const NormScale &scale, const Tensor *bias, float eps);

/// x [T, heads * 2 n] -> the same; `frequencies` are n, in radians per position; cosine and sine
/// are multiplied by `factor`.
Tensor rope(const Rows &rows, const Tensor &x, llvm::ArrayRef<float> frequencies, float factor = 1);

/// k, v [T, K * d] into the cache; of latents v [T, K * values] and what k has beside them.
void kvAppend(const Rows &rows, Cache &cache, const CacheLayer &layer, const Tensor &k,
              const Tensor &v);

/// How a row looks at its past.
struct Look {
  float scale;                   ///< Of q . k.
  int64_t window = 0;            ///< Positions that a row sees, its own among them; 0: all.
  bool chunked = false;          ///< A row sees those of its own chunk of `window`.
  const Tensor *sinks = nullptr; ///< [1, H]: a score more for each head, not scaled, without value.
  double softcap = 0;            ///< That no scaled score exceeds; 0: none.
  const Tensor *rest = nullptr;  ///< [T, H * (d - values)]: of latents, what q has beside values.
  llm::TemperatureAttr temperature = {}; ///< Of scores, by the row's position; null: none.
};

/// q [T, H * d], over latents [T, H * values] -> the same. \errors  a position that a row sees and
/// that was never appended.
llvm::Expected<Tensor> attention(const Rows &rows, const Cache &cache, const CacheLayer &layer,
                                 const Tensor &q, const Look &look);

/// x [T, D] times weight [1, D] or [1, 1] -> [T, D].
Tensor multiply(const Tensor &x, const Tensor &weight);

/// x [T, D] -> the same: cap * tanh(x / cap).
Tensor softcap(const Tensor &x, float cap);

/// gate, up [T, F] -> [T, F].
Tensor glu(llm::ActivationAttr activation, const Tensor &gate, const Tensor &up);

/// x [T, F] -> [T, F].
Tensor activate(llm::ActivationAttr activation, const Tensor &x);

/// x [T, D] times the sigmoid of gate, [T, 1] or [T, D] -> [T, D].
Tensor weigh(const Tensor &x, const Tensor &gate);

/// x [T, D] times a constant -> [T, D].
Tensor scale(const Tensor &x, float factor);

/// Sum of two [T, D].
Tensor add(const Tensor &a, const Tensor &b);

/// Rows of all parts, one after the other.
Tensor concatRows(llvm::ArrayRef<Tensor> parts);

/// Values of all parts [1, N_i], one after the other -> [1, sum of N_i].
Tensor concatValues(llvm::ArrayRef<Tensor> parts);

/// Channels `first` to `first + count` of every row.
Tensor sliceChannels(const Tensor &x, int64_t first, int64_t count);

/// x [T, D] -> [O, D].
Tensor outputRows(const Rows &rows, const Tensor &x);

} // namespace osscc::reference
