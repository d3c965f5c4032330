#include "compiler/import/template/ChatFormat.h"

#include "compiler/import/template/ReasoningSwitch.h"
#include "compiler/import/template/Specialize.h"
#include "compiler/import/template/ToolCallFormat.h"
#include "support/UsageError.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// Of harmony: what opens an answer, behind a prompt and behind thoughts.
constexpr StringLiteral kHarmonyAnswer = "<|channel|>final<|message|>";
constexpr StringLiteral kHarmonyClose = "<|end|><|start|>assistant<|channel|>final<|message|>";
constexpr StringLiteral kHarmonyMarkers[] = {"<|start|>",   "<|channel|>", "<|constrain|>",
                                             "<|message|>", "<|end|>",     "<|call|>",
                                             "<|return|>"};
constexpr StringLiteral kHarmonyEnds[] = {"<|return|>", "<|call|>", "<|endoftext|>"};

std::vector<std::string> stringsOf(const bundle::BundleT &assets) {
  for (const auto &each : assets.templates)
    if (each->name.empty() || each->name == "default")
      return each->strings;
  return {};
}

bool anyContains(ArrayRef<std::string> strings, StringRef text) {
  return any_of(strings, [&](StringRef each) { return each.contains(text); });
}

struct AddedToken {
  int32_t id;
  std::string text;
};

std::vector<AddedToken> addedTokens(const bundle::TokenizerT *tokenizer) {
  std::vector<AddedToken> found;
  const bundle::AddedTokensT *added = tokenizer ? tokenizer->verbatim.get() : nullptr;
  for (size_t i = 0; added && i < added->ids.size(); ++i) {
    bool own = !added->ends.empty();
    const std::vector<uint8_t> &bytes = own ? added->texts : tokenizer->pieces;
    const std::vector<uint32_t> &ends = own ? added->ends : tokenizer->ends;
    size_t at = own ? i : added->ids[i];
    size_t begin = at > 0 && at <= ends.size() ? ends[at - 1] : 0;
    if (at >= ends.size() || ends[at] > bytes.size() || begin > ends[at])
      continue;
    found.push_back({static_cast<int32_t>(added->ids[i]),
                     toStringRef(ArrayRef(bytes).slice(begin, ends[at] - begin)).str()});
  }
  return found;
}

/// The ids of those of the texts that are added tokens.
std::vector<int32_t> findTokens(const bundle::TokenizerT *tokenizer,
                                ArrayRef<StringLiteral> texts) {
  std::vector<int32_t> found;
  for (const AddedToken &token : addedTokens(tokenizer))
    if (is_contained(texts, token.text))
      found.push_back(token.id);
  return found;
}

/// Whether answers are messages with channels, for which a tokenizer needs all markers.
bool isHarmony(const TemplateProbe &probe, ArrayRef<std::string> strings,
               const bundle::TokenizerT *tokenizer) {
  if (!anyContains(strings, "<|channel|>") ||
      findTokens(tokenizer, kHarmonyMarkers).size() != std::size(kHarmonyMarkers))
    return false;
  std::optional<std::string> prompt =
      probe.render(R"({"messages":[{"role":"user","content":"hi"}],"add_generation_prompt":true})");
  return prompt && StringRef(*prompt).ends_with("<|start|>assistant");
}

} // namespace

std::unique_ptr<bundle::ChatFormatT> deriveChatFormat(const bundle::BundleT &assets) {
  std::vector<std::string> strings = stringsOf(assets);
  TemplateProbe probe(assets);
  auto format = std::make_unique<bundle::ChatFormatT>();
  ReasoningSwitch found;
  if (isHarmony(probe, strings, assets.tokenizer.get())) {
    format->style = bundle::AnswerStyle::Harmony;
    format->close = kHarmonyClose.str();
    format->turn_ends = findTokens(assets.tokenizer.get(), kHarmonyEnds);
    found = findReasoningSwitch(probe, strings, nullptr, kHarmonyAnswer);
  } else {
    std::optional<ReasoningTags> tags = findReasoningTags(probe, strings);
    if (!tags)
      return nullptr;
    format->style = bundle::AnswerStyle::Tags;
    format->begin = tags->begin;
    format->end = tags->end;
    format->close = tags->close;
    found = findReasoningSwitch(probe, strings, &*tags);
  }
  if (found.modes.empty())
    return nullptr;
  format->modes = std::move(found.modes);
  format->usual = std::move(found.usual);
  format->variables = std::move(found.variables);
  return format;
}

std::unique_ptr<bundle::ToolCallFormatT> deriveToolCalls(const bundle::BundleT &assets) {
  const bundle::ChatFormatT *format = assets.chat_format.get();
  if (format && format->style == bundle::AnswerStyle::Harmony)
    return nullptr;
  std::vector<std::string> tokens;
  for (AddedToken &token : addedTokens(assets.tokenizer.get()))
    tokens.push_back(std::move(token.text));
  return findToolCallFormat(TemplateProbe(assets), stringsOf(assets), tokens);
}

Error fixReasoning(bundle::BundleT &assets, StringRef mode) {
  bundle::ChatFormatT *format = assets.chat_format.get();
  if (!format)
    return mode == "off" ? Error::success()
                         : usageError("--reasoning=" + mode, "this model has no reasoning mode",
                                      "leave the flag out");
  auto found = find_if(format->modes, [&](const auto &each) { return each->name == mode; });
  if (found == format->modes.end())
    return usageError("--reasoning=" + mode, "no such mode", "take off, on, low, medium or high");
  std::unique_ptr<bundle::ReasoningModeT> kept = std::move(*found);
  TemplateConstants constants = readConstants(kept->variables);
  for (auto &each : assets.templates)
    specializeTemplate(*each, constants);
  format->modes.clear();
  format->modes.push_back(std::move(kept));
  format->usual = mode.str();
  format->fixed = true;
  return Error::success();
}

std::string describeChatFormat(const bundle::ChatFormatT &format) {
  std::string text = format.style == bundle::AnswerStyle::Harmony
                         ? "reasoning in channels of harmony"
                         : "reasoning in " + format.begin + " ... " + format.end;
  if (format.fixed)
    return text + ", " + format.usual + " for good";
  if (!format.variables.empty())
    text += ", by " + join(format.variables, ", ");
  return format.usual.empty() ? text : text + ", usually " + format.usual;
}

} // namespace osscc
