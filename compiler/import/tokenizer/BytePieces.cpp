// The alphabet of byte-level spellings, and the checks of a vocabulary.
#include "compiler/import/tokenizer/BytePieces.h"

#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <array>

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

std::string spacesOfCharacters(StringRef spelling) {
  constexpr StringLiteral kSpace = "\xE2\x96\x81"; // U+2581
  std::string out;
  while (!spelling.empty()) {
    if (spelling.consume_front(kSpace)) {
      out += ' ';
      continue;
    }
    out += spelling.front();
    spelling = spelling.drop_front();
  }
  return out;
}

/// The bytes that a spelling in characters stands for, and whether a text can be spelt so.
static std::pair<std::string, bool> bytesOfCharacters(StringRef spelling) {
  unsigned byte = 0;
  if (spelling.size() == 6 && spelling.starts_with("<0x") && spelling.ends_with(">") &&
      !spelling.substr(3, 2).getAsInteger(16, byte))
    return {std::string(1, char(byte)), false};
  // Each space of a text is spelt U+2581.
  return {spacesOfCharacters(spelling), !spelling.contains(' ')};
}

std::string spellingOfByte(uint8_t byte, Spelling spelling) {
  if (spelling == Spelling::kCharacters)
    return ("<0x" + Twine(hexdigit(byte >> 4)) + Twine(hexdigit(byte & 15)) + ">").str();
  uint16_t code = kCharacterOfByte[byte];
  if (code < 0x80)
    return std::string(1, char(code));
  return {char(0xC0 | code >> 6), char(0x80 | (code & 0x3F))};
}

std::pair<std::string, bool> bytesOf(StringRef spelt, Spelling spelling) {
  if (spelling == Spelling::kCharacters)
    return bytesOfCharacters(spelt);
  std::optional<std::string> bytes = bytesOfSpelling(spelt);
  return {bytes.value_or(spelt.str()), bytes.has_value()};
}

Error BytePieces::readVocabulary(ArrayRef<std::pair<std::string, int64_t>> vocabulary,
                                 Spelling spelling, StringRef place) {
  for (const auto &[spelt, id] : vocabulary) {
    auto fail = [&](const Twine &message, const Twine &help = {}) {
      return inputError(file + ": " + place + ": " + describe(json::Value(spelt)), message, help);
    };
    if (!isBelowLimit(id))
      return fail("expected an id from 0 to " + Twine(limit - 1) + ", found " + Twine(id),
                  "the embedding table has " + std::to_string(limit) + " rows");
    if (spelt.empty())
      return fail("a token has no text");
    if (spelt.size() > kLongestToken)
      return fail("a token has " + Twine(spelt.size()) + " bytes, expected at most " +
                  Twine(kLongestToken));
    if (!isFree(id))
      return fail("two tokens have the id " + Twine(id));
    auto [bytes, isText] = bytesOf(spelt, spelling);
    add(spelt, std::move(bytes), uint32_t(id));
    plain[id] = isText;
  }
  return Error::success();
}

void BytePieces::add(StringRef text, std::string bytes, uint32_t id) {
  if (texts.size() <= id) {
    texts.resize(size_t(id) + 1);
    plain.resize(size_t(id) + 1);
  }
  texts[id] = std::move(bytes);
  ids[text] = id;
}

std::optional<uint32_t> BytePieces::id(StringRef spelling) const {
  auto entry = ids.find(spelling);
  return entry == ids.end() ? std::nullopt : std::optional(entry->second);
}

} // namespace osscc
