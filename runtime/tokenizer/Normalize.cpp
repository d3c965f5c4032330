// Form C: utf8proc's tables, cut to the Unicode version that models were trained with.
#include "runtime/tokenizer/Normalize.h"

#include "runtime/base/Utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace osscc::rt {
namespace {

struct CodePoints {
  utf8proc_int32_t first, last;
};

/// What normalization first moved or composed after Unicode 9.
constexpr CodePoints kLater[] = {
    {0x05C8, 0x05C9},   {0x07FD, 0x07FD},   {0x0897, 0x089F},   {0x08CA, 0x08D3},
    {0x09FE, 0x09FE},   {0x0C3C, 0x0C3C},   {0x0D3B, 0x0D3C},   {0x0EBA, 0x0EBA},
    {0x1715, 0x1715},   {0x1ABF, 0x1AF0},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},
    {0x105C0, 0x105F3}, {0x10D24, 0x10D27}, {0x10D69, 0x10D6D}, {0x10EAB, 0x10EAC},
    {0x10ECB, 0x10ECF}, {0x10EF0, 0x10EFB}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50},
    {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x11380, 0x113E2},
    {0x1145E, 0x1145E}, {0x11839, 0x1183A}, {0x11930, 0x11938}, {0x1193D, 0x1193E},
    {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47},
    {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97},
    {0x11F41, 0x11F42}, {0x16100, 0x16139}, {0x16D40, 0x16D79}, {0x16FF0, 0x16FF1},
    {0x1D127, 0x1D128}, {0x1D250, 0x1D252}, {0x1D25B, 0x1D25C}, {0x1D25F, 0x1D25F},
    {0x1D280, 0x1D281}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE},
    {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3},
    {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5}};

bool isLater(utf8proc_int32_t code) {
  const auto *range = std::ranges::upper_bound(kLater, code, {}, &CodePoints::first);
  return range != std::begin(kLater) && code <= std::prev(range)->last;
}

int combiningClass(utf8proc_int32_t code) {
  return utf8proc_get_property(code)->combining_class;
}

/// Sorts marks by combining class, those of one class in their order. Each becomes a key of 8 bits
/// of class, 32 of position and 21 of code point.
void sortByClass(std::span<utf8proc_int32_t> marks) {
  std::vector<uint64_t> keys;
  for (utf8proc_int32_t mark : marks)
    keys.push_back(uint64_t(combiningClass(mark)) << 53 | uint64_t(keys.size()) << 21 |
                   uint64_t(mark));
  std::ranges::sort(keys);
  std::ranges::transform(keys, marks.begin(),
                         [](uint64_t key) { return utf8proc_int32_t(key & 0x1FFFFF); });
}

/// Decomposed characters that are not composed yet, and the text made of those that are.
class Composer {
public:
  void add(utf8proc_int32_t code) {
    if (isLater(code)) {
      flush();
      write(code);
      return;
    }
    constexpr int kLongest = 4; // characters of the longest canonical decomposition
    utf8proc_int32_t parts[kLongest];
    int unused = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code, parts, kLongest, UTF8PROC_COMPOSE, &unused);
    for (utf8proc_ssize_t i = 0; i < count && i < kLongest; ++i) {
      // Nothing composes across a starter that stays apart from the one before, but Hangul's jamo
      // and a few vowel signs are starters that do compose: only ASCII surely ends a run.
      if (parts[i] < 0x80)
        flush();
      waiting.push_back(parts[i]);
    }
  }

  std::string finish() {
    flush();
    return std::move(out);
  }

private:
  void flush() {
    sortMarks();
    utf8proc_ssize_t count = utf8proc_normalize_utf32(
        waiting.data(), static_cast<utf8proc_ssize_t>(waiting.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    for (utf8proc_ssize_t i = 0; i < count; ++i)
      write(waiting[static_cast<size_t>(i)]);
    waiting.clear();
  }

  /// The canonical order: each run of marks by combining class. utf8proc's own sorting takes time
  /// quadratic in the run.
  void sortMarks() {
    auto isMark = [](utf8proc_int32_t code) { return combiningClass(code) != 0; };
    for (auto begin = waiting.begin();;) {
      begin = std::find_if(begin, waiting.end(), isMark);
      auto end = std::find_if_not(begin, waiting.end(), isMark);
      if (begin == end)
        return;
      sortByClass({begin, end});
      begin = end;
    }
  }

  void write(utf8proc_int32_t code) {
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t size = utf8proc_encode_char(code, bytes);
    out.append(reinterpret_cast<const char *>(bytes), static_cast<size_t>(size));
  }

  std::vector<utf8proc_int32_t> waiting;
  std::string out;
};

} // namespace

bool isAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return (byte & 0x80) == 0; });
}

std::string normalizationFormC(std::string_view text) {
  Composer composer;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decodeUtf8(text.data() + at);
    composer.add(static_cast<utf8proc_int32_t>(point.value));
    at += point.bytes;
  }
  return composer.finish();
}

} // namespace osscc::rt
