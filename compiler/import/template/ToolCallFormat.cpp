#include "compiler/import/template/ToolCallFormat.h"

#include "compiler/import/template/ToolCallRows.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace osscc {

namespace {

/// The mark that a model writes first.
StringRef markOf(const bundle::ToolCallFormatT &format) {
  return format.section_begin.empty() ? format.begin : format.section_begin;
}

constexpr StringLiteral kQuestion = "osscc-question", kTool = "osscc_tool";

/// A call of every kind of value, and one of a word.
json::Object argumentsOf(unsigned call) {
  if (call > 0)
    return json::Object{{"text", "osscc-word"}};
  return json::Object{{"text", "osscc \"word\"\nand another"},
                      {"number", 7},
                      {"flag", true},
                      {"list", json::Array{"x", "y"}}};
}

/// What a template is asked to render: some refuse two calls, arguments that are no text, or a text
/// beside a call.
struct Conversation {
  unsigned calls;
  bool asText;
  const char *content; ///< Null: none.

  std::string request(bool answered) const;
};

json::Value toolOf() {
  json::Object properties;
  for (StringRef name : {"text", "number", "flag", "list"})
    properties[name] = json::Object{{"type", name == "number" ? "integer"
                                             : name == "flag" ? "boolean"
                                             : name == "list" ? "array"
                                                              : "string"}};
  return json::Object{
      {"type", "function"},
      {"function",
       json::Object{{"name", kTool},
                    {"description", "osscc"},
                    {"parameters",
                     json::Object{{"type", "object"}, {"properties", std::move(properties)}}}}}};
}

std::string Conversation::request(bool answered) const {
  json::Array messages{json::Object{{"role", "user"}, {"content", kQuestion}}};
  json::Array list;
  for (unsigned i = 0; i < calls; ++i) {
    json::Value arguments = argumentsOf(i);
    std::string text;
    raw_string_ostream(text) << arguments;
    if (asText)
      arguments = text;
    list.push_back(json::Object{
        {"type", "function"},
        {"id", "abcdefgh" + std::to_string(i + 1)}, // nine letters, as Mistral wants
        {"function", json::Object{{"name", kTool}, {"arguments", std::move(arguments)}}}});
  }
  if (answered) {
    json::Object answer{{"role", "assistant"}, {"tool_calls", std::move(list)}};
    if (content)
      answer["content"] = content;
    messages.push_back(std::move(answer));
  }
  std::string out;
  raw_string_ostream(out) << json::Value(json::Object{{"messages", std::move(messages)},
                                                      {"tools", json::Array{toolOf()}},
                                                      {"add_generation_prompt", !answered}});
  return out;
}

constexpr Conversation kConversations[] = {
    {2, false, "osscc-before"}, {2, true, "osscc-before"},  {2, false, ""},
    {2, true, nullptr},         {1, false, "osscc-before"}, {1, true, ""},
};

/// A rendered conversation with calls.
struct Rendered {
  unsigned calls;
  std::string turn;   ///< All behind the question.
  std::string answer; ///< All behind the prompt for an answer.
};

/// The conversation as the template renders it; nothing where that shows no calls.
std::optional<Rendered> renderCalls(const TemplateProbe &probe, const Conversation &conversation) {
  std::optional<std::string> text = probe.render(conversation.request(/*answered=*/true));
  size_t question = text ? text->find(kQuestion.str()) : std::string::npos;
  if (question == std::string::npos || !StringRef(*text).substr(question).contains(kTool))
    return std::nullopt;
  std::string prompt = probe.render(conversation.request(/*answered=*/false)).value_or("");
  size_t common = 0;
  while (common < prompt.size() && common < text->size() && prompt[common] == (*text)[common])
    ++common;
  return Rendered{conversation.calls, text->substr(question + kQuestion.size()),
                  text->substr(common)};
}

/// Bytes of content that are left where the calls are read back that the template was given;
/// nothing where they are not.
std::optional<size_t> readBack(const bundle::ToolCallFormatT &format, const Rendered &rendered) {
  bool isBare = format.begin.empty();
  auto answer = readToolCalls(format, isBare ? rendered.answer : rendered.turn);
  if (!answer || answer->calls.size() != rendered.calls)
    return std::nullopt;
  for (auto [i, call] : enumerate(answer->calls)) {
    Expected<json::Value> read = json::parse(call.arguments);
    if (!read) {
      consumeError(read.takeError());
      return std::nullopt;
    }
    if (call.name != kTool || *read != json::Value(argumentsOf(unsigned(i))))
      return std::nullopt;
  }
  return answer->content.size();
}

using Format = std::unique_ptr<bundle::ToolCallFormatT>;

} // namespace

Format findToolCallFormat(const TemplateProbe &probe, ArrayRef<std::string> strings,
                          ArrayRef<std::string> tokens) {
  auto isNamed = [&](StringRef text) {
    return any_of(strings, [&](StringRef each) { return each.contains(text); });
  };
  if (!isNamed("tool"))
    return nullptr;
  std::vector<Format> formats = toolCallFormats();
  bool isShown = false;
  for (const Conversation &conversation : kConversations) {
    std::optional<Rendered> rendered = renderCalls(probe, conversation);
    isShown |= rendered.has_value();
    // A format that knows all marks leaves the least content.
    std::optional<size_t> least;
    Format *best = nullptr;
    for (Format &format : formats) {
      // What may begin without a mark is told apart by the mark that it may have.
      bool isOther = format->begin.empty() && !isNamed(format->section_begin);
      std::optional<size_t> left;
      if (rendered && !isOther)
        left = readBack(*format, *rendered);
      if (left && (!least || *left < *least)) {
        least = left;
        best = &format;
      }
    }
    if (best)
      return std::move(*best);
  }
  if (isShown)
    return nullptr;
  auto take = [&](function_ref<bool(StringRef)> fits) {
    auto found = find_if(formats, [&](const Format &format) {
      return !markOf(*format).empty() && fits(markOf(*format));
    });
    return found == formats.end() ? nullptr : std::move(*found);
  };
  Format named = take(isNamed);
  return named ? std::move(named)
               : take([&](StringRef mark) { return is_contained(tokens, mark); });
}

} // namespace osscc
