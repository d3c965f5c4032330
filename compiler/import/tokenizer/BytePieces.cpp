// The alphabet of byte-level spellings, and the checks of a vocabulary.
#include "compiler/import/tokenizer/BytePieces.h"

#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <array>
#include <cmath>

using namespace llvm;

namespace osscc {
namespace {

constexpr size_t kLongestToken = 65536; // bytes; the longest of any known vocabulary is below 1000

/// A printable byte of Latin-1 is spelt by its own character; the 68 others by U+0100 and on, in
/// rising order.
constexpr std::array<uint16_t, 256> kCharacterOfByte = [] {
  std::array<uint16_t, 256> out{};
  uint16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    out[byte] = printable ? uint16_t(byte) : next++;
  }
  return out;
}();

constexpr std::array<int16_t, 0x144> kByteOfCharacter = [] {
  std::array<int16_t, 0x144> out{};
  out.fill(-1);
  for (unsigned byte = 0; byte < 256; ++byte)
    out[kCharacterOfByte[byte]] = int16_t(byte);
  return out;
}();

} // namespace

std::optional<std::string> bytesOfSpelling(StringRef spelling) {
  std::string out;
  for (size_t i = 0; i < spelling.size(); ++i) {
    uint32_t code = uint8_t(spelling[i]);
    if (code >= 0xE0)
      return std::nullopt; // beyond U+07FF
    if (code >= 0xC0 && ++i < spelling.size())
      code = (code & 0x1F) << 6 | (uint8_t(spelling[i]) & 0x3F);
    if (code >= kByteOfCharacter.size() || kByteOfCharacter[code] < 0)
      return std::nullopt;
    out += char(kByteOfCharacter[code]);
  }
  return out;
}

/// The bytes that a spelling in characters stands for, and whether a text can be spelt so.
static std::pair<std::string, bool> bytesOfCharacters(StringRef spelling) {
  constexpr StringLiteral kSpace = "\xE2\x96\x81"; // U+2581
  unsigned byte = 0;
  if (spelling.size() == 6 && spelling.starts_with("<0x") && spelling.ends_with(">") &&
      !spelling.substr(3, 2).getAsInteger(16, byte))
    return {std::string(1, char(byte)), false};
  std::string out;
  bool isText = !spelling.contains(' '); // each space of a text is spelt U+2581
  while (!spelling.empty()) {
    if (spelling.consume_front(kSpace)) {
      out += ' ';
      continue;
    }
    out += spelling.front();
    spelling = spelling.drop_front();
  }
  return {out, isText};
}

std::string spellingOfByte(uint8_t byte, Spelling spelling) {
  if (spelling == Spelling::kCharacters)
    return ("<0x" + Twine(hexdigit(byte >> 4)) + Twine(hexdigit(byte & 15)) + ">").str();
  uint16_t code = kCharacterOfByte[byte];
  if (code < 0x80)
    return std::string(1, char(code));
  return {char(0xC0 | code >> 6), char(0x80 | (code & 0x3F))};
}

/// The bytes of a token of the vocabulary, and whether a text can be spelt so.
static std::pair<std::string, bool> bytesOf(StringRef spelt, Spelling spelling) {
  if (spelling == Spelling::kCharacters)
    return bytesOfCharacters(spelt);
  std::optional<std::string> bytes = bytesOfSpelling(spelt);
  return {bytes.value_or(spelt.str()), bytes.has_value()};
}

Error BytePieces::place(StringRef spelling, std::string bytes, int64_t id, const std::string &key) {
  if (id < 0 || uint64_t(id) >= limit)
    return inputError(file + ": " + key,
                      "expected an id from 0 to " + Twine(limit - 1) + ", found " + Twine(id),
                      "the embedding table has " + std::to_string(limit) + " rows");
  if (spelling.empty())
    return inputError(file + ": " + key, "a token has no text");
  if (spelling.size() > kLongestToken)
    return inputError(file + ": " + key, "a token has " + Twine(spelling.size()) +
                                             " bytes, expected at most " + Twine(kLongestToken));
  if (texts.size() <= uint64_t(id)) {
    texts.resize(size_t(id) + 1);
    plain.resize(size_t(id) + 1);
  }
  if (!texts[id].empty())
    return inputError(file + ": " + key, "two tokens have the id " + Twine(id));
  texts[id] = std::move(bytes);
  ids[spelling] = uint32_t(id);
  return Error::success();
}

Error BytePieces::readVocabulary(const json::Object *vocabulary, Spelling spelling) {
  if (!vocabulary || vocabulary->empty())
    return inputError(file + ": model.vocab", "expected an object of tokens and ids");
  // Ordered, so that the same file gives the same error.
  std::vector<std::pair<int64_t, StringRef>> order;
  for (const auto &[spelling, value] : *vocabulary) {
    std::optional<double> number = value.getAsNumber();
    // The range first: llvm's conversion of 2^63 is undefined.
    std::optional<int64_t> id =
        number && std::fabs(*number) < 0x1p53 ? value.getAsInteger() : std::nullopt;
    if (!id)
      return inputError(file + ": model.vocab", "expected integers, found " + describe(value));
    order.push_back({*id, StringRef(spelling)});
  }
  llvm::sort(order);
  for (auto [id, spelt] : order) {
    std::string key = "model.vocab: " + describe(json::Value(spelt));
    auto [bytes, isText] = bytesOf(spelt, spelling);
    if (Error error = place(spelt, std::move(bytes), id, key))
      return error;
    plain[id] = isText;
  }
  return Error::success();
}

Error BytePieces::add(StringRef text, int64_t id, const std::string &key) {
  if (std::optional<uint32_t> known = this->id(text)) {
    if (*known != id)
      return inputError(file + ": " + key, "has the id " + Twine(id) +
                                               ", but model.vocab gives its text the id " +
                                               Twine(*known));
    texts[*known] = text.str();
    plain[*known] = false;
    return Error::success();
  }
  return place(text, text.str(), id, key);
}

std::optional<uint32_t> BytePieces::id(StringRef spelling) const {
  auto entry = ids.find(spelling);
  return entry == ids.end() ? std::nullopt : std::optional(entry->second);
}

} // namespace osscc
