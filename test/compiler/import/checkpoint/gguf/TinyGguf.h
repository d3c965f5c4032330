// A .gguf file for tests of the import stage: a Llama of one layer with a tokenizer, every part of
// which a test can change.
#pragma once

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace osscc {

/// Bytes as a .gguf file has them.
inline std::string word(uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i));
  return out;
}
inline std::string u32(uint32_t value) {
  return word(value, 4);
}
inline std::string u64(uint64_t value) {
  return word(value, 8);
}
inline std::string text(llvm::StringRef value) {
  return u64(value.size()) + value.str();
}
inline std::string f32(float value) {
  return u32(llvm::bit_cast<uint32_t>(value));
}

/// Values of the metadata: the type's number, then the value.
inline std::string textValue(llvm::StringRef value) {
  return u32(8) + text(value);
}
inline std::string u32Value(uint32_t value) {
  return u32(4) + u32(value);
}
inline std::string f32Value(float value) {
  return u32(6) + f32(value);
}
inline std::string boolValue(bool value) {
  return u32(7) + std::string(1, char(value));
}
inline std::string textsValue(const std::vector<std::string> &values) {
  std::string out = u32(9) + u32(8) + u64(values.size());
  for (const std::string &value : values)
    out += text(value);
  return out;
}
inline std::string i32sValue(const std::vector<int32_t> &values) {
  std::string out = u32(9) + u32(5) + u64(values.size());
  for (int32_t value : values)
    out += u32(uint32_t(value));
  return out;
}

/// V 12, D 32, two heads of 16 on one key-value head, F 32, one layer, tied, all F32.
class TinyGguf {
public:
  struct Entry {
    std::string name;
    std::vector<uint64_t> extents; ///< The contiguous one first.
    uint32_t type = 0;
    uint64_t bytes = 0;    ///< 0: as many as an F32 tensor has.
    std::string data = {}; ///< Empty: zeros.
  };

  TinyGguf() {
    llvm::sys::fs::createUniqueDirectory("osscc-gguf", folder);
    metadata = {{"general.architecture", textValue("llama")},
                {"general.license", textValue("mit")},
                {"llama.embedding_length", u32Value(32)},
                {"llama.feed_forward_length", u32Value(32)},
                {"llama.block_count", u32Value(1)},
                {"llama.context_length", u32Value(64)},
                {"llama.attention.head_count", u32Value(2)},
                {"llama.attention.head_count_kv", u32Value(1)},
                {"llama.attention.layer_norm_rms_epsilon", f32Value(1e-5f)},
                {"llama.rope.dimension_count", u32Value(16)},
                {"tokenizer.ggml.model", textValue("gpt2")},
                {"tokenizer.ggml.pre", textValue("smollm")},
                {"tokenizer.ggml.tokens", textsValue({"<s>", "</s>", "a", "b", "c", "ab",
                                                      "\xC4\xA0", "1", "2", "<t>", "?", "!"})},
                {"tokenizer.ggml.token_type", i32sValue({3, 3, 1, 1, 1, 1, 1, 1, 1, 4, 1, 5})},
                {"tokenizer.ggml.merges", textsValue({"a b"})},
                {"tokenizer.ggml.bos_token_id", u32Value(0)},
                {"tokenizer.ggml.eos_token_id", u32Value(1)}};
    tensors = {{"token_embd.weight", {32, 12}},     {"output_norm.weight", {32}},
               {"blk.0.attn_norm.weight", {32}},    {"blk.0.ffn_norm.weight", {32}},
               {"blk.0.attn_q.weight", {32, 32}},   {"blk.0.attn_k.weight", {32, 16}},
               {"blk.0.attn_v.weight", {32, 16}},   {"blk.0.attn_output.weight", {32, 32}},
               {"blk.0.ffn_gate.weight", {32, 32}}, {"blk.0.ffn_up.weight", {32, 32}},
               {"blk.0.ffn_down.weight", {32, 32}}};
  }
  ~TinyGguf() { llvm::sys::fs::remove_directories(folder); }

  /// Sets a key to the bytes of a value; none removes it.
  TinyGguf &set(llvm::StringRef key, std::string value = {}) {
    metadata[key.str()] = std::move(value);
    return *this;
  }
  Entry &tensor(llvm::StringRef name) {
    for (Entry &entry : tensors)
      if (entry.name == name)
        return entry;
    return tensors.emplace_back(Entry{name.str(), {}});
  }

  using Metadata = std::map<std::string, std::string>;

  std::string header() const { return header(metadata, tensors); }
  std::string bytes() const { return bytes(metadata, tensors); }

  /// Part `number` of `count`, from 1: an equal share of the tensors, and in the first all
  /// metadata.
  std::string partBytes(size_t number, size_t count) const {
    Metadata keys = number == 1 ? metadata : Metadata();
    keys["split.no"] = u32(2) + word(number - 1, 2);
    keys["split.count"] = u32(2) + word(count, 2);
    keys["split.tensors.count"] = u32(5) + u32(uint32_t(tensors.size()));
    size_t first = tensors.size() * (number - 1) / count, end = tensors.size() * number / count;
    return bytes(keys, {tensors.begin() + first, tensors.begin() + end});
  }
  std::string partPath(size_t number, size_t count) const {
    return path("tiny-0000" + std::to_string(number) + "-of-0000" + std::to_string(count) +
                ".gguf");
  }
  /// Writes all parts. \returns the first one's path.
  std::string writeParts(size_t count) const {
    for (size_t number = 1; number <= count; ++number)
      write(partBytes(number, count), partPath(number, count));
    return partPath(1, count);
  }

  static std::string header(const Metadata &metadata, const std::vector<Entry> &tensors) {
    std::string pairs, infos;
    uint64_t count = 0, offset = 0;
    for (const auto &[key, value] : metadata)
      if (!value.empty()) {
        pairs += text(key) + value;
        ++count;
      }
    for (const Entry &entry : tensors) {
      infos += text(entry.name) + u32(uint32_t(entry.extents.size()));
      for (uint64_t extent : entry.extents)
        infos += u64(extent);
      infos += u32(entry.type) + u64(offset);
      offset += (bytesOf(entry) + 31) / 32 * 32;
    }
    return "GGUF" + u32(3) + u64(tensors.size()) + u64(count) + pairs + infos;
  }
  static std::string bytes(const Metadata &metadata, const std::vector<Entry> &tensors) {
    std::string out = header(metadata, tensors);
    out.resize((out.size() + 31) / 32 * 32);
    for (const Entry &entry : tensors) {
      std::string data = entry.data;
      data.resize((bytesOf(entry) + 31) / 32 * 32);
      out += data;
    }
    return out;
  }

  std::string path(const llvm::Twine &name = "tiny.gguf") const {
    return (folder + "/" + name).str();
  }
  /// Writes the file, or other bytes in its place. \returns its path.
  std::string write() const { return write(bytes()); }
  std::string write(llvm::StringRef bytes) const { return write(bytes, path()); }
  static std::string write(llvm::StringRef bytes, const std::string &path) {
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bytes;
    return path;
  }

  llvm::SmallString<128> folder;
  Metadata metadata;
  std::vector<Entry> tensors;

private:
  static uint64_t bytesOf(const Entry &entry) {
    uint64_t bytes = 4;
    for (uint64_t extent : entry.extents)
      bytes *= extent;
    return entry.bytes ? entry.bytes : bytes;
  }
};

} // namespace osscc
