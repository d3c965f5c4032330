// Source of the texts: the reference reader, which looks for the same.
#include "compiler/import/tokenizer/GgufEnds.h"

#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// What chat models end a turn, or a call of a tool, with.
constexpr StringLiteral kEnds[] = {"<|eot_id|>",
                                   "<|im_end|>",
                                   "<|end|>",
                                   "<|return|>",
                                   "<|call|>",
                                   "<|flush|>",
                                   "<|calls|>",
                                   "<end_of_turn>",
                                   "<|endoftext|>",
                                   "</s>",
                                   "<|eom_id|>",
                                   "<EOT>",
                                   "_<EOT>",
                                   "[EOT]",
                                   "[EOS]",
                                   "<|end_of_text|>",
                                   "<end_of_utterance>",
                                   "<eos>",
                                   "<turn|>",
                                   "<|tool_response>",
                                   "<\xEF\xBD\x9C"
                                   "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
                                   "[e~["};
/// What code models put around a file that they fill in; of each role the first that is there.
constexpr StringLiteral kPads[] = {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"};
constexpr StringLiteral kRepositories[] = {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
                                           "<reponame>"};
constexpr StringLiteral kSeparators[] = {"<|file_sep|>"};

struct Role {
  StringLiteral name;
  ArrayRef<StringLiteral> texts; ///< That stand for it where the file has no key.
};
constexpr Role kRoles[] = {{"eos", {}},
                           {"eot", {}},
                           {"eom", {}},
                           {"fim_pad", kPads},
                           {"fim_rep", kRepositories},
                           {"fim_sep", kSeparators}};

class EndReader {
public:
  EndReader(const GgufFile &file, ArrayRef<StringRef> tokens) : file(file), tokens(tokens) {}

  Expected<SmallVector<int64_t>> read() {
    for (auto [id, text] : enumerate(tokens))
      idOf[text] = static_cast<int64_t>(id);
    for (const Role &role : kRoles)
      if (Error error = add(role))
        return error;
    for (auto [id, text] : enumerate(tokens))
      if (is_contained(kEnds, text) && idOf[text] == static_cast<int64_t>(id))
        add(static_cast<int64_t>(id));
    dropEndOfMessage();
    return std::move(ends);
  }

private:
  void add(int64_t id) {
    if (!is_contained(ends, id))
      ends.push_back(id);
  }

  Error add(const Role &role) {
    Expected<std::optional<int64_t>> id =
        readGgufTokenId(file, role.name, tokens.size(), role.texts.empty());
    if (!id)
      return id.takeError();
    const auto *text = find_if(role.texts, [&](StringRef text) { return idOf.contains(text); });
    if (*id)
      add(**id);
    else if (text != role.texts.end())
      add(idOf[*text]);
    return Error::success();
  }

  /// Where a message ends with one token and a turn with others, the first ends no answer.
  void dropEndOfMessage() {
    auto has = [&](StringRef text) { return idOf.contains(text); };
    bool calls = has("<|call|>") || has("<|calls|>");
    if (calls && (has("<|return|>") || has("<|flush|>")) && has("<|end|>"))
      erase(ends, idOf["<|end|>"]);
  }

  const GgufFile &file;
  ArrayRef<StringRef> tokens;
  StringMap<int64_t> idOf;
  SmallVector<int64_t> ends;
};

} // namespace

bool isGgufEnd(StringRef text) {
  return is_contained(kEnds, text) || is_contained(kPads, text) ||
         is_contained(kRepositories, text) || is_contained(kSeparators, text);
}

Expected<SmallVector<int64_t>> readGgufEndTokens(const GgufFile &file) {
  if (!file.find("tokenizer.ggml.tokens"))
    return SmallVector<int64_t>();
  Expected<std::vector<StringRef>> tokens = file.strings("tokenizer.ggml.tokens");
  return tokens ? EndReader(file, *tokens).read() : tokens.takeError();
}

} // namespace osscc
