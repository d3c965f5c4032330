// A model as plain data: what a family reads from config.json, and all that GraphBuilder needs to
// build the graph. A model is a list of layers, a layer a list of parts; each part says what it is
// by its own fields, so that layers of one model can differ.
//
// Letters: D hidden, H query heads, K key-value heads, d head size, F MLP width, E experts, V
// vocabulary.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace osscc {

/// A weight that the model reads, and the shape that the config gives it.
struct WeightSpec {
  std::string name; ///< In the checkpoint.
  llvm::SmallVector<int64_t, 3> shape;
  std::string fields; ///< The config's fields that the shape comes from, for errors.
  /// Rows of a head, where positions turn the weight's rows: a reader may have found them in pairs.
  int64_t headRows = 0;
};

/// The matrix of a linear, and what is added to each channel of its product.
struct LinearSpec : WeightSpec {
  std::optional<WeightSpec> bias;
};

/// A root-mean-square norm.
struct NormSpec {
  WeightSpec scale;
  double eps = 0;
};

/// How frequencies are lowered for a longer context, as #llm.rope_scaling says it.
struct RopeScalingSpec {
  std::string kind; ///< "linear", which has a factor alone, "llama3", "yarn" or "divisors"
  double factor = 0, low = 0, high = 0, original = 0;
  std::vector<float> divisors{}; ///< What "divisors" has alone: one a frequency.
};

/// How positions rotate the heads of q and k: pairs (i, i + dims/2) by position * theta^(-2i/dims).
struct RopeSpec {
  int64_t dims = 0;
  double theta = 0;
  std::optional<RopeScalingSpec> scaling;
  double factor = 1; ///< Of cosine and sine.
};

/// A window that attention looks through: a position sees itself and those before it, so many in
/// all. A context of at most as many positions never leaves it.
struct WindowSpec {
  int64_t positions = 0;
  std::string where; ///< The field that says so, for errors.
};

/// Grouped-query attention: softmax(scale * q . k) v, then the output's product.
struct AttentionSpec {
  int64_t heads = 0;    ///< H
  int64_t kvHeads = 0;  ///< K
  int64_t headSize = 0; ///< d
  double scale = 0;     ///< Of q . k.
  std::optional<RopeSpec> rope;
  std::optional<WindowSpec> window;
  LinearSpec query, key, value, output;
  std::optional<WeightSpec> sinks; ///< [H]: a logit of each head that no value belongs to.
};

/// down(act(gate x) * up x).
struct MlpSpec {
  std::string activation; ///< As llm.glu spells it.
  LinearSpec gate, up, down;
};

/// One layer: x += attention(norm x); x += feedForward(norm x).
struct LayerSpec {
  NormSpec beforeAttention;
  AttentionSpec attention;
  NormSpec beforeFeedForward;
  std::variant<MlpSpec> feedForward;

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const;
};

struct ModelSpec {
  std::string family;
  int64_t hidden = 0;     ///< D
  int64_t vocabulary = 0; ///< V
  int64_t positions = 0;  ///< The longest sequence.

  WeightSpec embedding;
  std::vector<LayerSpec> layers;
  NormSpec finalNorm;
  std::optional<WeightSpec> head; ///< Absent: tied to the embedding.

  /// What a tied head would be called: a checkpoint may hold a copy of the embedding under this
  /// name.
  std::string tiedHeadName;
  /// Endings of tensor names that hold nothing that the model reads.
  std::vector<std::string> ignoredSuffixes;

  llvm::SmallVector<int64_t> endTokens;
  std::optional<int64_t> beginToken;

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const;
};

} // namespace osscc
