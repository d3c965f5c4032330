// A model as plain data: what a family reads from config.json, and all that GraphBuilder needs to
// build the graph.
//
// Letters: D hidden, H query heads, K key-value heads, d head size, F MLP width, V vocabulary.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace osscc {

/// A weight that the model reads, and the shape that the config gives it.
struct WeightSpec {
  std::string name; ///< In the checkpoint.
  llvm::SmallVector<int64_t, 2> shape;
  std::string fields; ///< The config's fields that the shape comes from, for errors.
};

/// The matrix of a linear, and what is added to each channel of its product.
struct LinearSpec : WeightSpec {
  std::optional<WeightSpec> bias;
};

/// How frequencies are lowered for a longer context, as #llm.rope_scaling says it.
struct RopeScalingSpec {
  std::string kind; ///< "linear", which has a factor alone, "llama3" or "divisors"
  double factor = 0, low = 0, high = 0, original = 0;
  std::vector<float> divisors{}; ///< What "divisors" has alone: one a frequency.
};

/// How positions rotate the heads of q and k: pairs (i, i + dims/2) by position * theta^(-2i/dims).
struct RopeSpec {
  int64_t dims;
  double theta;
  std::optional<RopeScalingSpec> scaling;
};

/// A window that attention looks through: a position sees itself and those before it, so many in
/// all. A context of at most as many positions never leaves it.
struct WindowSpec {
  int64_t positions;
  std::string where; ///< The field that says so, for errors.
};

/// One layer: x += output(attention(norm x)); x += down(act(gate(norm x)) * up(norm x)).
struct LayerSpec {
  WeightSpec attentionNorm;
  LinearSpec query, key, value, output;
  WeightSpec mlpNorm;
  LinearSpec gate, up, down;

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const {
    auto visitLinears = [&](std::initializer_list<const LinearSpec *> linears) {
      for (const LinearSpec *linear : linears) {
        visit(*linear);
        if (linear->bias)
          visit(*linear->bias);
      }
    };
    visit(attentionNorm);
    visitLinears({&query, &key, &value, &output});
    visit(mlpNorm);
    visitLinears({&gate, &up, &down});
  }
};

struct ModelSpec {
  std::string family;
  int64_t hidden = 0;     ///< D
  int64_t heads = 0;      ///< H
  int64_t kvHeads = 0;    ///< K
  int64_t headSize = 0;   ///< d
  int64_t mlp = 0;        ///< F
  int64_t vocabulary = 0; ///< V
  int64_t positions = 0;  ///< The longest sequence.
  double normEps = 0;
  double attentionScale = 0; ///< Of q . k.
  RopeSpec rope{};
  std::optional<WindowSpec> window; ///< limitContext holds `positions` to it.
  std::string activation;           ///< As llm.glu spells it.

  WeightSpec embedding, finalNorm;
  std::optional<WeightSpec> head; ///< Absent: tied to the embedding.
  std::vector<LayerSpec> layers;

  /// What a tied head would be called: a checkpoint may hold a copy of the embedding under this
  /// name.
  std::string tiedHeadName;
  /// Endings of tensor names that hold nothing that the model reads.
  std::vector<std::string> ignoredSuffixes;

  llvm::SmallVector<int64_t> endTokens;
  std::optional<int64_t> beginToken;

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const {
    visit(embedding);
    for (const LayerSpec &layer : layers)
      layer.forEachWeight(visit);
    visit(finalNorm);
    if (head)
      visit(*head);
  }
};

} // namespace osscc
