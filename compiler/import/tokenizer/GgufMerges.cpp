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

Expected<json::Array> mergesOfScores(const GgufFile &file, const json::Object &vocabulary,
                                     ArrayRef<double> scores) {
  std::vector<Merge> merges;
  for (const auto &[key, value] : vocabulary) {
    StringRef piece = key;
    int64_t id = *value.getAsInteger();
    if (!std::isfinite(scores[id]))
      return file.error("tokenizer.ggml.scores", "element " + Twine(id) + " is not finite");
    if (piece.size() > kLongestPiece)
      continue;
    for (size_t cut = 1; cut < piece.size(); ++cut) {
      if ((static_cast<uint8_t>(piece[cut]) & 0xC0) == 0x80)
        continue; // inside a character
      const json::Value *left = vocabulary.get(piece.take_front(cut));
      const json::Value *right = left ? vocabulary.get(piece.drop_front(cut)) : nullptr;
      if (right)
        merges.push_back({*left->getAsInteger(), *right->getAsInteger(), id, scores[id],
                          piece.take_front(cut), piece.drop_front(cut)});
    }
    if (merges.size() > kMostMerges)
      return file.error("tokenizer.ggml.tokens",
                        "more than " + Twine(kMostMerges) + " pairs merge");
  }
  llvm::sort(merges, [](const Merge &a, const Merge &b) {
    return std::tuple(-a.score, a.id, a.left, a.right) <
           std::tuple(-b.score, b.id, b.left, b.right);
  });
  json::Array out;
  out.reserve(merges.size());
  for (const Merge &merge : merges)
    out.push_back(json::Array{merge.leftText, merge.rightText});
  return out;
}

} // namespace osscc
