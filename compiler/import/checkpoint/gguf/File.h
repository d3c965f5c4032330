// The container of a .gguf file, or of the parts of a split one: metadata, and where its tensors
// lie. Nothing here knows of models.
//
//   | "GGUF" | version u32 | tensors u64 | pairs u64 | pairs: key, type u32, value |
//   | tensor infos: name, count u32, extents u64, type u32, offset u64 | padding | tensors |
//
// Little-endian and unaligned up to the padding; a string is a u64 length and its bytes. The first
// extent is the contiguous one. Source: the format's description, version 3; limits as the
// reference reader has them.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace osscc {

/// Types of metadata values, numbered as the file has them.
enum class GgufType : uint32_t {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64
};

/// A value of the metadata. Strings and arrays point into the file's header in memory.
struct GgufValue {
  GgufType type = GgufType::U8;
  llvm::json::Value scalar = nullptr; ///< Null for an array.
  GgufType element = GgufType::U8;    ///< Of an array; never Array.
  uint64_t count = 0;                 ///< Of an array's elements.
  llvm::StringRef bytes;              ///< Of an array's elements, or of a string.
};

/// A tensor of the file.
struct GgufTensor {
  std::string name;
  llvm::StringRef type;                ///< "F32", "Q4_1"...
  llvm::SmallVector<int64_t, 4> shape; ///< Rows first: the file's extents reversed.
  uint64_t offset = 0;                 ///< From the start of its part, in bytes.
  uint64_t bytes = 0;
  uint32_t part = 0; ///< Into GgufFile::paths.
};

/// A checked .gguf file, or a split one with all its parts. The headers are in memory.
class GgufFile {
public:
  /// Reads a file and checks all but the tensors' bytes. Of a split model any part may be given:
  /// the others are found by name, and joined.
  ///
  /// \errors  InputError naming the key or the tensor, if there is one: not a GGUF file,
  ///          big-endian, a version other than 2 and 3, a header that ends early or is longer than
  ///          1 GB, an unknown type, nested arrays, a key or name that is empty, too long, not
  ///          UTF-8 or given twice, an alignment that is no power of two, extents of 0, that
  ///          overflow or that cut a block, tensors that do not tile the file exactly; and those of
  ///          readGgufParts (Parts.h).
  static llvm::Expected<GgufFile> read(llvm::StringRef path);
  /// One file or one part, as it is.
  static llvm::Expected<GgufFile> readPart(llvm::StringRef path);
  /// The same of bytes in memory; `path` names them in errors.
  static llvm::Expected<GgufFile> parse(llvm::StringRef path,
                                        std::unique_ptr<llvm::MemoryBuffer> buffer);
  /// Adds a part behind those there are: its tensors, not its metadata.
  void append(GgufFile part);

  /// Of the metadata: the first part's.
  llvm::StringRef path() const { return files.front(); }
  llvm::ArrayRef<std::string> paths() const { return files; }
  /// All keys, sorted.
  std::vector<llvm::StringRef> keys() const;
  /// Null if the file has no such key.
  const GgufValue *find(llvm::StringRef key) const;
  /// In the order of the parts, and of the bytes in each.
  llvm::ArrayRef<GgufTensor> tensors() const { return all; }
  /// "file: tensor 'name'", for errors.
  std::string place(const GgufTensor &tensor) const;
  /// A tensor's bytes, from disk where the header's buffer does not hold them.
  llvm::Expected<std::string> readBytes(const GgufTensor &tensor) const;
  /// Bytes of the first part.
  uint64_t size() const { return fileBytes; }

  /// The value of a key as text, number or truth; absent: null. \errors an array, or a text that is
  /// not UTF-8.
  llvm::Expected<llvm::json::Value> scalar(llvm::StringRef key) const;
  /// The text of a key; absent: the fallback. \errors another type.
  llvm::Expected<std::string> string(llvm::StringRef key, llvm::StringRef fallback = "") const;
  llvm::Expected<bool> boolean(llvm::StringRef key, bool fallback) const;
  /// An integer from 0 to `largest`; absent: nothing.
  llvm::Expected<std::optional<int64_t>> integer(llvm::StringRef key, int64_t largest) const;
  /// The elements of an array of strings, each UTF-8. \errors absent, or more than 2^24 elements.
  llvm::Expected<std::vector<llvm::StringRef>> strings(llvm::StringRef key) const;
  /// The elements of an array of numbers; absent: none. \errors more than 2^24 elements.
  llvm::Expected<std::vector<double>> numbers(llvm::StringRef key) const;

  /// An InputError at a key.
  llvm::Error error(llvm::StringRef key, const llvm::Twine &message,
                    const llvm::Twine &help = {}) const;

private:
  friend class GgufReader;
  std::vector<std::string> files;
  std::unique_ptr<llvm::MemoryBuffer> buffer; ///< The beginning of the first part.
  uint64_t fileBytes = 0;
  llvm::StringMap<GgufValue> metadata;
  std::vector<GgufTensor> all;
};

} // namespace osscc
