// The architectures of .gguf files that osscc knows: a row each, with what the keys and the tensors
// of one mean to the family that reads it.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace osscc {

class GgufFile;
struct GgufFields;

/// A model architecture, as `general.architecture` names it.
struct GgufArchitecture {
  /// A key behind the architecture's name, and the field of config.json that it fills.
  struct Key {
    llvm::StringLiteral key, field;
    bool required = false;
  };
  /// A tensor's name without `.weight` and `.bias`, behind `blk.N.` and `model.layers.N.`.
  struct Name {
    llvm::StringLiteral gguf, name;
  };

  llvm::StringLiteral name;
  llvm::StringLiteral modelType; ///< The family of families/Families.h that reads it.
  /// Whether the rows of q and k that rope turns together are neighbours, not half a head apart.
  bool paired;
  /// Keys and names that it has beside those of all, or other than they.
  llvm::ArrayRef<Key> keys{};
  llvm::ArrayRef<Name> names{};
  /// The same of tensors outside layers.
  llvm::ArrayRef<Name> wholeNames{};
  /// Whether YaRN rounds the dimensions between which it blends: no key says so.
  bool roundsYarn = true;
  /// A key without which the file is that of another row of the same name, and the number that it
  /// must say; 0: any but 0.
  llvm::StringLiteral when = "";
  double whenIs = 0;
  /// Whether the family asks its config for biases, which files have or have not.
  bool saysBiases = false;
  /// The field of a bias that the attention's output has apart from q, k and v.
  llvm::StringLiteral outputBias = "";
  /// A field that is true in every file of the architecture, and that no key has.
  llvm::StringLiteral isTrue = "";
  /// The field of the epsilon of layer norms, which the architecture has in the place of RMS norms.
  llvm::StringLiteral layerNorm = "";
  /// Whether a part of a head may turn, so many channels as `rope.dimension_count` says.
  bool turnsPart = false;
  /// Whether norms hold the whole scale where the family's own checkpoints hold scale - 1.
  bool addsOne = false;
  /// Whether the family has a default of its own for the width of a head; a file without the key
  /// means D / H.
  bool ownsHeadSize = false;
  /// Whether queries are scaled by a field of their own; the file has no key for it. It is d, but D
  /// / H of a model of `widestLayers` layers.
  bool scalesQueries = false;
  int64_t widestLayers = 0;
  /// Makes the fields that follow from several keys or from tensors (Complete.h); null: there are
  /// none. Of keys that differ from layer to layer it gets the first layer's.
  llvm::Error (*complete)(const GgufFile &file, GgufFields &config) = nullptr;
  /// Whether that is how the widths of heads are read.
  bool completesHeads = false;

  /// What the model calls a tensor of the file, `blk.3.ffn_up.weight`; nothing if none is called
  /// so.
  std::optional<std::string> modelName(llvm::StringRef gguf) const;
  /// The other way; a name that has no other stays.
  std::string fileName(llvm::StringRef name) const;
};

llvm::ArrayRef<GgufArchitecture> ggufArchitectures();

/// Those among them with experts beside one for all that call them as no other does.
llvm::ArrayRef<GgufArchitecture> ggufExpertArchitectures();

/// Those with gated delta nets.
llvm::ArrayRef<GgufArchitecture> ggufDeltaNetArchitectures();

/// Gemma 3n.
const GgufArchitecture &ggufGemma3n();

} // namespace osscc
