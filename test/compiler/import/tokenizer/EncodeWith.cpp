// C++23: see EncodeWith.h.
#include "test/compiler/import/tokenizer/EncodeWith.h"

#include "runtime/tokenizer/Tokenizer.h"

namespace osscc::test {

struct LaidTokenizer::Loaded {
  std::vector<uint8_t> bytes;
  rt::Result<rt::Tokenizer> tokenizer;
};

LaidTokenizer::LaidTokenizer(const bundle::TokenizerT &tables) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
  const uint8_t *bytes = builder.GetBufferPointer();
  loaded = std::make_unique<Loaded>(std::vector(bytes, bytes + builder.GetSize()));
  loaded->tokenizer =
      rt::Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(loaded->bytes.data()));
}

LaidTokenizer::~LaidTokenizer() = default;

std::vector<int32_t> LaidTokenizer::encode(std::string_view text, bool special) const {
  auto mode = special ? rt::SpecialTokens::kMatch : rt::SpecialTokens::kText;
  if (!loaded->tokenizer)
    return {-1};
  return loaded->tokenizer->encode(text, mode).value_or(std::vector<int32_t>{-1});
}

std::vector<int32_t>
LaidTokenizer::encodeParts(const std::vector<std::pair<std::string, bool>> &parts) const {
  std::string text;
  std::vector<rt::TokenSpan> spans;
  for (const auto &[part, isTemplate] : parts) {
    spans.push_back({text.size(), text.size() + part.size(), isTemplate});
    text += part;
  }
  if (!loaded->tokenizer)
    return {-1};
  return loaded->tokenizer->encode(text, spans).value_or(std::vector<int32_t>{-1});
}

std::string LaidTokenizer::decode(const std::vector<int32_t> &ids, bool special) const {
  std::vector<int32_t> shown;
  for (int32_t id : ids)
    if (special || !isSpecial(id))
      shown.push_back(id);
  return loaded->tokenizer ? loaded->tokenizer->decode(shown) : "";
}

bool LaidTokenizer::isSpecial(int32_t id) const {
  return loaded->tokenizer && loaded->tokenizer->isSpecial(id);
}

std::vector<std::string> LaidTokenizer::split(std::string_view text) const {
  std::vector<std::string> pieces;
  auto &tables = *flatbuffers::GetRoot<bundle::Tokenizer>(loaded->bytes.data());
  if (auto splitter = rt::Pretokenizer::load(*tables.pretokenizer()))
    splitter->split(text, [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

} // namespace osscc::test
