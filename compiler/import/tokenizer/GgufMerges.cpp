// Source: generate_merges of the reference's converter from SentencePiece.
#include "compiler/import/tokenizer/GgufMerges.h"

#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <tuple>

using namespace llvm;

namespace osscc {

namespace {

constexpr size_t kLongestPiece =
    1024; // bytes; a longer one merges from no two pieces of real files
constexpr size_t kMostMerges = 1 << 24;

struct Merge {
  int64_t left, right, id;
  double score;
  StringRef leftText, rightText;
};

} // namespace

Expected<std::vector<std::pair<std::string, std::string>>>
mergesOfScores(const GgufFile &file, ArrayRef<std::pair<std::string, int64_t>> vocabulary,
               ArrayRef<double> scores) {
  StringMap<int64_t> ids;
  for (const auto &[piece, id] : vocabulary)
    ids[piece] = id;
  std::vector<Merge> merges;
  for (const auto &[text, id] : vocabulary) {
    StringRef piece = text;
    if (!std::isfinite(scores[id]))
      return file.error("tokenizer.ggml.scores", "element " + Twine(id) + " is not finite");
    if (piece.size() > kLongestPiece || ids.lookup(piece) != id)
      continue;
    for (size_t cut = 1; cut < piece.size(); ++cut) {
      if ((static_cast<uint8_t>(piece[cut]) & 0xC0) == 0x80)
        continue; // inside a character
      auto left = ids.find(piece.take_front(cut));
      auto right = left == ids.end() ? ids.end() : ids.find(piece.drop_front(cut));
      if (right != ids.end())
        merges.push_back({left->second, right->second, id, scores[id], piece.take_front(cut),
                          piece.drop_front(cut)});
    }
    if (merges.size() > kMostMerges)
      return file.error("tokenizer.ggml.tokens",
                        "more than " + Twine(kMostMerges) + " pairs merge");
  }
  llvm::sort(merges, [](const Merge &a, const Merge &b) {
    return std::tuple(-a.score, a.id, a.left, a.right) <
           std::tuple(-b.score, b.id, b.left, b.right);
  });
  std::vector<std::pair<std::string, std::string>> out;
  out.reserve(merges.size());
  for (const Merge &merge : merges)
    out.emplace_back(merge.leftText.str(), merge.rightText.str());
  return out;
}

} // namespace osscc
