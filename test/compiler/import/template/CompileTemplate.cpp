#include "test/compiler/import/template/CompileTemplate.h"
#include "compiler/import/template/ChatFormat.h"
#include "compiler/import/template/Template.h"
#include "llvm/Support/Error.h"

namespace osscc {

static std::string serialize(llvm::Expected<std::unique_ptr<bundle::TemplateT>> program,
                             std::string &error) {
  if (!program) {
    error = llvm::toString(program.takeError());
    return {};
  }
  if (!*program)
    return {};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Template::Pack(builder, program->get()));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string compileTemplate(const std::string &file, const std::string &text, std::string &error) {
  return serialize(parseTemplate(file, text), error);
}

std::string compileNamedTemplate(const std::string &name, const std::string &text,
                                 std::string &error) {
  auto program = parseTemplate(name + ".jinja", text);
  if (program)
    (*program)->name = name;
  return serialize(std::move(program), error);
}

/// A tokenizer that has the markers of harmony, if nothing else.
static std::unique_ptr<bundle::TokenizerT> markers() {
  auto tokenizer = std::make_unique<bundle::TokenizerT>();
  tokenizer->verbatim = std::make_unique<bundle::AddedTokensT>();
  for (llvm::StringRef text : {"<|start|>", "<|channel|>", "<|constrain|>", "<|message|>",
                               "<|end|>", "<|call|>", "<|return|>"}) {
    tokenizer->verbatim->ids.push_back(static_cast<uint32_t>(tokenizer->ends.size()));
    tokenizer->pieces.insert(tokenizer->pieces.end(), text.begin(), text.end());
    tokenizer->ends.push_back(static_cast<uint32_t>(tokenizer->pieces.size()));
  }
  return tokenizer;
}

std::string compileChat(const std::string &text, const std::string &mode, std::string &error) {
  auto program = parseTemplate("chat.jinja", text);
  if (!program) {
    error = llvm::toString(program.takeError());
    return {};
  }
  bundle::BundleT assets;
  assets.model = std::make_unique<bundle::ModelT>();
  assets.model->name = "tiny";
  assets.model->family = "none";
  assets.generation = std::make_unique<bundle::GenerationT>();
  assets.tokenizer = markers();
  for (auto [name, text] : {std::pair("bos_token", "<s>"), {"eos_token", "</s>"}}) {
    assets.special_tokens.push_back(std::make_unique<bundle::NamedTokenT>());
    assets.special_tokens.back()->name = name;
    assets.special_tokens.back()->text = text;
  }
  (*program)->name = "default";
  assets.templates.push_back(std::move(*program));
  assets.chat_format = deriveChatFormat(assets);
  assets.tool_calls = deriveToolCalls(assets);
  if (llvm::Error failed = mode.empty() ? llvm::Error::success() : fixReasoning(assets, mode)) {
    error = llvm::toString(std::move(failed));
    return {};
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Bundle::Pack(builder, &assets));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

} // namespace osscc
