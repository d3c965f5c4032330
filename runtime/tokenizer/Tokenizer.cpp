// Encoding and decoding. The check of the tables is in TokenizerTables.cpp.
#include "runtime/tokenizer/Tokenizer.h"

#include "runtime/base/Utf8.h"
#include "runtime/bundle/TokenizerHash.h"
#include "runtime/tokenizer/Normalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

namespace osscc::rt {
namespace {

using bundle::kNoEntry;

constexpr size_t kMostBytes = size_t(1) << 31; // positions in a piece are 32 bits wide
constexpr std::string_view kReplacement = "\uFFFD";

} // namespace

std::string_view Tokenizer::piece(int32_t id) const {
  if (id < 0 || size_t(id) >= ends.size())
    return {};
  size_t begin = id == 0 ? 0 : ends[size_t(id) - 1];
  return {reinterpret_cast<const char *>(pieces.data()) + begin, ends[size_t(id)] - begin};
}

std::optional<int32_t> Tokenizer::pieceIn(std::span<const uint32_t> slots,
                                          std::string_view text) const {
  if (slots.empty())
    return std::nullopt;
  for (size_t slot = bundle::firstSlot(bundle::pieceHash(text), slots.size());
       slots[slot] != kNoEntry; slot = slot + 1 == slots.size() ? 0 : slot + 1)
    if (piece(int32_t(slots[slot])) == text)
      return int32_t(slots[slot]);
  return std::nullopt;
}

void Tokenizer::appendPiece(std::string_view piece, std::vector<int32_t> &ids) const {
  if (std::optional<int32_t> id = pieceIn(wholeSlots, piece))
    return ids.push_back(*id);
  size_t first = ids.size();
  if (characterSlots.empty())
    appendBytes(piece, ids);
  else
    appendCharacters(piece, ids);
  mergeBytePairs(merges, ids, first);
}

void Tokenizer::appendBytes(std::string_view text, std::vector<int32_t> &ids) const {
  for (char byte : text)
    if (int32_t id = byteIds[uint8_t(byte)]; id >= 0)
      ids.push_back(id);
}

void Tokenizer::appendCharacters(std::string_view text, std::vector<int32_t> &ids) const {
  while (!text.empty()) {
    std::string_view character = text.substr(0, decodeUtf8(text.data()).bytes);
    if (std::optional<int32_t> id = pieceIn(characterSlots, character))
      ids.push_back(*id);
    else
      appendBytes(character, ids);
    text.remove_prefix(character.size());
  }
}

std::string Tokenizer::spaced(std::string_view text, bundle::SpacePrefix prefix,
                              bool isFirst) const {
  constexpr std::string_view kSpace = "\u2581"; // the same letter as a space
  std::string out(prefix == bundle::SpacePrefix::Each ? " " : "");
  for (size_t at = 0; at < text.size();) {
    size_t next = std::min(text.find(kSpace, at), text.size());
    out += text.substr(at, next - at);
    if (next < text.size())
      out += ' ';
    at = next + kSpace.size();
  }
  bool adds = prefix == bundle::SpacePrefix::EachIfNone ||
              (prefix == bundle::SpacePrefix::FirstIfNone && isFirst);
  if (adds && !out.starts_with(' '))
    out.insert(0, " ");
  return out;
}

void Tokenizer::appendText(std::string_view text, bool isFirst, std::vector<int32_t> &ids) const {
  if (text.empty())
    return;
  std::string changed;
  if (!characterSlots.empty() && !spacesFirst)
    text = changed = spaced(text, spacePrefix, isFirst);
  pretokenizer.split(text, [&](std::string_view piece) { appendPiece(piece, ids); });
}

/// Characters are composed within what one side wrote, where it matters who did: a user's accent
/// then changes no marker of the template.
Tokenizer::Stretch Tokenizer::normalized(std::string_view text, size_t begin, size_t end,
                                         std::span<const TokenSpan> spans) const {
  Stretch out;
  bundle::SpacePrefix prefix = spacePrefix;
  auto add = [&](size_t from, size_t to, bool isTemplate) {
    if (from >= to)
      return;
    size_t before = out.text.size();
    std::string_view part = text.substr(from, to - from);
    if (composes && !isAscii(part))
      out.text += normalizationFormC(part);
    else if (spacesFirst)
      out.text += spaced(part, std::exchange(prefix, bundle::SpacePrefix::None), false);
    else
      out.text += part;
    out.spans.push_back({before, out.text.size(), isTemplate});
  };
  size_t done = begin;
  for (const TokenSpan &span : normalizedTokens.hasSpecial() ? spans : spans.first(0)) {
    if (!span.isTemplate)
      continue;
    add(done, std::clamp(span.begin, done, end), false);
    done = std::clamp(span.begin, done, end);
    add(done, std::clamp(span.end, done, end), true);
    done = std::clamp(span.end, done, end);
  }
  add(done, end, false);
  return out;
}

void Tokenizer::appendBetween(std::string_view text, size_t begin, size_t end,
                              std::span<const TokenSpan> spans, std::vector<int32_t> &ids) const {
  if (begin >= end)
    return;
  if (normalizedTokens.empty() && !composes)
    return appendText(text.substr(begin, end - begin), begin == 0, ids);
  Stretch stretch = normalized(text, begin, end, spans);
  std::string_view whole = stretch.text;
  size_t done = 0;
  auto appendUpTo = [&](size_t to) {
    if (done < to)
      appendText(whole.substr(done, to - done), begin == 0 && done == 0, ids);
  };
  for (const AddedTokens::Found &token : normalizedTokens.find(whole, stretch.spans)) {
    appendUpTo(token.begin);
    ids.push_back(token.id);
    done = token.end;
  }
  appendUpTo(whole.size());
}

/// Spans are in order and within the text.
static Status checkSpans(std::string_view text, std::span<const TokenSpan> spans) {
  size_t done = 0;
  for (const TokenSpan &span : spans) {
    if (span.begin < done || span.begin > span.end || span.end > text.size())
      return fail(Code::kRuntime, fmt::format("span {}..{} is out of order in a text of {} bytes",
                                              span.begin, span.end, text.size()));
    done = span.end;
  }
  return {};
}

Status Tokenizer::append(std::string_view text, std::span<const TokenSpan> spans,
                         std::vector<int32_t> &ids) const {
  if (text.size() > kMostBytes)
    return fail(Code::kInvalidArgument, fmt::format("the text has {} bytes, at most {} are encoded",
                                                    text.size(), kMostBytes));
  if (size_t valid = validUtf8Bytes(text); valid != text.size())
    return fail(
        Code::kInvalidArgument,
        fmt::format("the text is not UTF-8: byte {} is 0x{:02X}", valid, uint8_t(text[valid])),
        "convert it to UTF-8, for example with iconv");
  OSSCC_RETURN_IF_ERROR(checkSpans(text, spans));
  size_t done = 0;
  for (const AddedTokens::Found &token : verbatim.find(text, spans)) {
    appendBetween(text, done, token.begin, spans, ids);
    ids.push_back(token.id);
    done = token.end;
  }
  appendBetween(text, done, text.size(), spans, ids);
  return {};
}

Result<std::vector<int32_t>> Tokenizer::encode(std::string_view text, SpecialTokens special) const {
  TokenSpan all{0, text.size(), special == SpecialTokens::kMatch};
  try {
    std::vector<int32_t> ids(prefix.begin(), prefix.end());
    OSSCC_RETURN_IF_ERROR(append(text, {&all, 1}, ids));
    ids.insert(ids.end(), suffix.begin(), suffix.end());
    return ids;
  } catch (const std::bad_alloc &) {
    return fail(Code::kOutOfMemory, fmt::format("no memory to encode {} bytes", text.size()));
  }
}

Result<std::vector<int32_t>> Tokenizer::encode(std::string_view text,
                                               std::span<const TokenSpan> spans) const {
  try {
    std::vector<int32_t> ids;
    OSSCC_RETURN_IF_ERROR(append(text, spans, ids));
    return ids;
  } catch (const std::bad_alloc &) {
    return fail(Code::kOutOfMemory, fmt::format("no memory to encode {} bytes", text.size()));
  }
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
  Detokenizer detokenizer(*this);
  std::string text;
  for (int32_t id : ids)
    text += detokenizer.feed(id);
  return text + detokenizer.finish();
}

std::string Detokenizer::feed(int32_t id) {
  held += tokenizer->piece(id);
  std::string out;
  std::string_view rest = held;
  while (!rest.empty()) {
    Utf8Step step = utf8Step(rest);
    if (step.kind == Utf8Step::kCut)
      break;
    out += step.kind == Utf8Step::kCharacter ? rest.substr(0, step.bytes) : kReplacement;
    rest.remove_prefix(step.bytes);
  }
  held = rest;
  if (isFirst && !out.empty()) {
    isFirst = false;
    out.erase(0, out.starts_with(' '));
  }
  return out;
}

std::string Detokenizer::finish() {
  bool cut = !held.empty();
  held.clear();
  isFirst = tokenizer->stripsFirstSpace();
  return std::string(cut ? kReplacement : "");
}

} // namespace osscc::rt
