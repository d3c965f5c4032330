// Walks the header of a .gguf file once, front to back, and checks it. Every length is held against
// what is left of the file before anything of that length is read.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"
#include "dialects/pack/gguf/Types.h"

namespace osscc {

/// Bytes of one value in the file; 0 for strings and arrays, whose lengths differ.
uint64_t ggufScalarBytes(GgufType type);

/// The value at `bytes`; `type` is no string and no array.
llvm::json::Value readGgufScalar(GgufType type, const char *bytes);

/// The bytes that the header of a file has at most; the largest vocabularies take a fortieth.
inline constexpr uint64_t kLongestGgufHeader = uint64_t(1) << 30;

/// Fills the metadata and the tensors of one file, whose beginning is in its buffer.
class GgufReader {
public:
  explicit GgufReader(GgufFile &file)
      : file(file), fileName(file.path()), text(file.buffer->getBuffer()) {}

  /// \errors  those of GgufFile::read, but for those of opening the file and of its parts.
  llvm::Error read();
  /// Whether read() failed because the header goes on behind the buffer.
  bool needsMore() const { return isShort; }

private:
  llvm::Error readCounts();
  llvm::Error readPair();
  llvm::Error readArray(GgufValue &value, const std::string &place);
  llvm::Error readTensor();
  llvm::Error readExtents(GgufTensor &tensor, const std::string &place);
  llvm::Error measure(GgufTensor &tensor, const pack::gguf::Type &type, const std::string &place);
  llvm::Expected<uint64_t> readAlignment();
  llvm::Error placeTensors();

  /// The next bytes, which the cursor leaves behind it. \errors fewer are left.
  llvm::Expected<llvm::StringRef> take(uint64_t bytes, const llvm::Twine &what);
  llvm::Expected<uint32_t> take32(const llvm::Twine &what);
  llvm::Expected<uint64_t> take64(const llvm::Twine &what);
  /// A length and as many bytes.
  llvm::Expected<llvm::StringRef> takeString(const llvm::Twine &what);
  uint64_t left() const { return file.fileBytes - position; }

  GgufFile &file;
  std::string fileName; ///< For errors.
  llvm::StringRef text; ///< The beginning of the file.
  bool isShort = false;
  uint64_t position = 0;
  uint64_t tensorCount = 0, pairCount = 0;
};

} // namespace osscc
