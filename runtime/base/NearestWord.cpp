#include "runtime/base/NearestWord.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace osscc::rt {
namespace {

constexpr size_t kNear = 2;

size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] != b[j])});
      diagonal = above;
    }
  }
  return row.back();
}

} // namespace

std::string_view nearestWord(std::string_view word, std::span<const std::string_view> words) {
  std::string_view nearest;
  size_t least = kNear + 1;
  for (std::string_view candidate : words) {
    if (candidate.size() > word.size() + kNear || word.size() > candidate.size() + kNear)
      continue;
    size_t edits = distance(word, candidate);
    if (edits < least) {
      least = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

} // namespace osscc::rt
