// The tensors of a checkpoint, whatever format they lie in: names, types, shapes and places. Only
// headers are read before code is generated; the tensors' bytes stay on disk until compiler/emit
// streams them.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace osscc {

/// Bytes of a file of a checkpoint.
struct TensorPlace {
  uint32_t file = 0;   ///< Into Checkpoint::files.
  uint64_t offset = 0; ///< From the start of the file, in bytes.
  std::string dtype{}; ///< Where it is not always the same.
};

/// One tensor of a checkpoint, row-major, little-endian.
struct Tensor {
  std::string name;  ///< As the model calls it.
  std::string dtype; ///< As the file spells it: "F32", "BF16", "F8_E4M3"...
  llvm::SmallVector<int64_t, 4> shape;
  uint64_t offset = 0; ///< From the start of the file, in bytes.
  uint64_t bytes = 0;
  uint32_t file = 0; ///< Into Checkpoint::files.
  /// Whether the two rows that rope turns together are neighbours: see pack.permute.
  bool paired = false;
  /// Whether what the model adds to a norm's scale is in its values.
  bool includesOffset = false;
  /// Where the scales of codes lie that are a tensor of their own: see pack.zip.
  std::optional<TensorPlace> scales{};
  int64_t scaleBlock = 0; ///< Rows and channels that share one of them: see pack.rescale.
};

/// What the index of a checkpoint in several files says: the file of each tensor, by their names
/// there. checkWeights holds the tensors that the model needs to it.
struct WeightMap {
  std::string path;
  std::map<std::string, std::string> files;
};

/// What differs from format to format: what messages call things, and which types there are.
struct CheckpointWords {
  std::string config = "config.json"; ///< What describes the model.
  /// The name in the file of a tensor that the model calls so; null: the same.
  std::function<std::string(llvm::StringRef name)> nameInFile = nullptr;
  /// The block types that a matrix may have, as dtype spells them; floats always may.
  llvm::ArrayRef<llvm::StringLiteral> blocks;
};

/// Blocks of `size` rows and channels, and of what is left at the ends, of a tensor of `shape`.
llvm::SmallVector<int64_t, 3> blocksOf(llvm::ArrayRef<int64_t> shape, int64_t size);

/// The tensors of one checkpoint, in one or more files.
class Checkpoint {
public:
  Checkpoint() = default;
  explicit Checkpoint(CheckpointWords words) : spelling(std::move(words)) {}

  /// Adds a file whose reader has checked its tensors.
  ///
  /// \errors  InputError for a tensor that another file of the checkpoint has too.
  llvm::Error add(llvm::StringRef path, std::vector<Tensor> tensors);

  const std::vector<std::string> &paths() const { return files; }
  /// In the order of the files, and of the bytes in each.
  llvm::ArrayRef<Tensor> tensors() const { return all; }
  /// Null if the checkpoint has no such tensor.
  const Tensor *find(llvm::StringRef name) const;
  /// "file: tensor 'name'", for errors; of a name that no tensor has, with the first file.
  std::string place(const Tensor &tensor) const;
  std::string placeOfMissing(llvm::StringRef name) const;
  const CheckpointWords &words() const { return spelling; }

  /// Makes one tensor of MXFP4 of each two that hold its codes and its scales, NAME_blocks
  /// [..., K / 32, 16] and NAME_scales [..., K / 32] of U8, or the same with a dot; it keeps the
  /// name of the first and is
  /// [..., K].
  /// \errors  InputError for one without the other, shapes that disagree.
  llvm::Error zipMxfp4();

  /// Gives each matrix of floats of 8 bits, NAME of F8_E4M3, its scales, NAME_scale_inv or
  /// NAME_scale of F32 or BF16: one for each block of `size` rows and channels, which may be larger
  /// than the matrix.
  /// \errors  InputError for one without the other, shapes that disagree.
  llvm::Error joinScales(int64_t size);

  /// Null of a checkpoint without an index.
  const WeightMap *weightMap() const { return map ? &*map : nullptr; }
  void setWeightMap(WeightMap given) { map = std::move(given); }

  /// Gives tensors the names that the model has for them, where the checkpoint was saved from a
  /// class that calls them otherwise.
  /// \param outer  what every name has in front in the file.
  /// \param inner  what names have behind it where the model says "model."; empty: nothing.
  /// \errors  InputError for two tensors that get one name.
  llvm::Error rename(llvm::StringRef outer, llvm::StringRef inner);
  /// What the file calls a tensor of the model.
  std::string nameInFile(llvm::StringRef name) const;

  /// `count` of a tensor's bytes from its byte `begin`, from disk.
  llvm::Expected<std::string> readBytes(const Tensor &tensor, uint64_t begin, uint64_t count) const;

private:
  std::vector<std::string> files;
  std::vector<Tensor> all;
  llvm::StringMap<size_t> indices;
  CheckpointWords spelling;
  std::optional<WeightMap> map;
  std::string outer, inner = "model."; ///< See rename.
  llvm::StringMap<std::string> given;  ///< What the file calls the tensors that were renamed.
};

/// "[49152, 576]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace osscc
