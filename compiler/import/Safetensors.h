// The safetensors container: names, types, shapes and places of the tensors of a checkpoint. Only
// headers are read here; the tensors' bytes stay on disk until compiler/emit streams them.
//
//   | 8 bytes: N, little-endian | N bytes: JSON header | tensors, back to back |
//
// Source: the format's documentation; facts and limits in this header.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace osscc {

/// One tensor of a checkpoint, row-major, little-endian.
struct Tensor {
  std::string name;
  std::string dtype; ///< As the file spells it: "F32", "BF16", "F8_E4M3"...
  llvm::SmallVector<int64_t, 4> shape;
  uint64_t offset = 0; ///< From the start of the file, in bytes.
  uint64_t bytes = 0;
  uint32_t file = 0; ///< Into Checkpoint::files.
  /// Whether the two rows that rope turns together are neighbours: see pack.permute.
  bool paired = false;
};

/// What differs from format to format: what messages call things, and which types there are.
struct CheckpointWords {
  std::string config = "config.json"; ///< What describes the model.
  /// The name in the file of a tensor that the model calls so; null: the same.
  std::string (*nameInFile)(llvm::StringRef name) = nullptr;
  /// The block types that a matrix may have, as dtype spells them; floats always may.
  llvm::ArrayRef<llvm::StringLiteral> blocks;
};

/// The tensors of one checkpoint, in one or more files.
class Checkpoint {
public:
  /// Reads the header of a .safetensors file.
  ///
  /// \errors  InputError for a file that is not as long as its header says, and for a header that
  ///          is malformed: longer than 100 MB, no object, a name given twice, an unknown dtype,
  ///          more than 8 dimensions, a shape whose bytes overflow or differ from the offsets',
  ///          offsets that leave a hole, overlap, or end before or behind the file's end.
  static llvm::Expected<Checkpoint> readFile(llvm::StringRef path);
  /// Reads model.safetensors.index.json and the headers of all files that it names.
  ///
  /// \errors  also a file name that is not a plain base name ending in .safetensors, and a tensor
  ///          that is not in the file that the index names, or that the index does not name.
  static llvm::Expected<Checkpoint> readIndex(llvm::StringRef path);
  /// The tensors of one file of another format, whose reader has checked them. Names are unique.
  static Checkpoint ofFile(llvm::StringRef path, std::vector<Tensor> tensors,
                           CheckpointWords words);

  const std::vector<std::string> &paths() const { return files; }
  /// In the order of the files, and of the bytes in each.
  llvm::ArrayRef<Tensor> tensors() const { return all; }
  /// Null if the checkpoint has no such tensor.
  const Tensor *find(llvm::StringRef name) const;
  /// "file: tensor 'name'", for errors; of a name that no tensor has, with the first file.
  std::string place(const Tensor &tensor) const;
  std::string placeOfMissing(llvm::StringRef name) const;
  const CheckpointWords &words() const { return spelling; }
  /// `count` of a tensor's bytes from its byte `begin`, from disk.
  llvm::Expected<std::string> readBytes(const Tensor &tensor, uint64_t begin, uint64_t count) const;

private:
  llvm::Error add(llvm::StringRef path);

  std::vector<std::string> files;
  std::vector<Tensor> all;
  llvm::StringMap<size_t> indices;
  CheckpointWords spelling;
};

/// "[49152, 576]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

} // namespace osscc
