#include "runtime/chat/CallGrammar.h"

#include "runtime/chat/CallWriter.h"
#include "runtime/chat/Harmony.h"
#include "runtime/schema/FrameBuilder.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace osscc::rt {
namespace {

using schema::FrameBuilder;
using schema::MarkedText;
using State = FrameBuilder::State;

/// Whether a token of several letters stands in brackets, as those do that are made to be marks.
bool isBracketed(std::string_view piece) {
  return piece.size() > 2 && (piece[0] == '<' || piece[0] == '[') &&
         (piece.back() == '>' || piece.back() == ']');
}

/// Special tokens are marks, and so is a word of the vocabulary's own that is all of a mark.
MarkedText markedText(const Tokenizer &tokenizer, std::string_view text) {
  TokenSpan all{0, text.size(), /*isTemplate=*/true};
  auto ids = tokenizer.encode(text, {&all, text.empty() ? 0U : 1U});
  MarkedText out;
  std::string spelled;
  for (int32_t id : ids.value_or(std::vector<int32_t>())) {
    std::string_view piece = tokenizer.piece(id);
    spelled += piece;
    bool isMark = tokenizer.isSpecial(id) || (piece == text && isBracketed(piece));
    if (isMark)
      out.parts.push_back({id, std::string(piece)});
    else if (!out.parts.empty() && out.parts.back().mark < 0)
      out.parts.back().bytes += piece;
    else
      out.parts.push_back({-1, std::string(piece)});
  }
  if (spelled != text) // a tokenizer that puts a space before all
    out.parts.assign(1, {-1, std::string(text)});
  return out;
}

class Grammar {
public:
  Grammar(const AnswerFormat &format, const CallRules &rules, const Tokenizer &tokenizer)
      : format(format), rules(rules),
        marks([&tokenizer](std::string_view text) { return markedText(tokenizer, text); }),
        builder(marks) {}

  Result<Schema> make() {
    for (const HeldTool &tool : rules.tools) {
      if (tool.arguments->nodes[schema::Machine::kRoot].objects.empty())
        return fail(Code::kInvalidArgument,
                    fmt::format("'{}': its parameters allow no object", tool.name));
      tools.push_back({tool.name, builder.objectsOf(builder.take(*tool.arguments))});
    }
    if (rules.content)
      content = builder.take(*rules.content);
    bool isHarmony = format.style == AnswerFormat::Style::kHarmony;
    if (!isHarmony && !format.calls)
      return fail(Code::kInvalidArgument, "how this model calls tools is not known");
    Status made = isHarmony ? addHarmony() : addCalls();
    if (!made)
      return std::unexpected(std::move(made).error());
    return builder.finish();
  }

private:
  /// Calls one behind the other, each between its marks.
  struct Sequence {
    State before, inside; ///< The mark with which the first begins.
    State end;
  };

  Status addCalls();
  Result<Sequence> addSequence();
  Status addText(State section, const std::optional<Sequence> &alone, State done);
  Status addHarmony();
  Status addMessage(State header, std::string_view channel, State behind);
  Status addFinal(State header, State done);

  const AnswerFormat &format;
  const CallRules &rules;
  FrameBuilder::Marks marks;
  FrameBuilder builder;
  std::vector<CallWriter::Tool> tools;
  std::optional<schema::NodeId> content;
};

Result<Grammar::Sequence> Grammar::addSequence() {
  const bundle::ToolCallFormatT &calls = *format.calls;
  bool isMarked = !calls.begin.empty();
  State inside = builder.add(), before = isMarked ? builder.add() : inside;
  if (isMarked)
    builder.join(builder.text(builder.spaces(before), calls.begin), inside);
  Result<State> behind = CallWriter(calls, tools, rules.once, builder).call(inside);
  if (!behind)
    return std::unexpected(std::move(behind).error());
  State end = calls.end.empty() ? *behind : builder.text(builder.spaces(*behind), calls.end);
  if (isMarked && !rules.once)
    builder.join(builder.text(builder.spaces(end), calls.begin), inside);
  return Sequence{before, inside, end};
}

/// The answer of a model that writes calls into its text.
Status Grammar::addCalls() {
  const bundle::ToolCallFormatT &calls = *format.calls;
  bool hasSection = !calls.section_begin.empty(), isBare = calls.begin.empty();
  State section = builder.add(), done = builder.add();
  builder.endAt(done);
  if (hasSection) {
    Result<Sequence> inside = addSequence();
    if (!inside)
      return std::unexpected(std::move(inside).error());
    builder.join(section, inside->before);
    bool ends = !calls.section_end.empty();
    builder.join(ends ? builder.text(builder.spaces(inside->end), calls.section_end) : inside->end,
                 done);
  }
  std::optional<Sequence> alone;
  if (!hasSection || isBare || !rules.mustCall) { // the reader forgives a section that is missing
    Result<Sequence> made = addSequence();
    if (!made)
      return std::unexpected(std::move(made).error());
    builder.join(made->end, done);
    alone = *made;
  }
  if (!rules.mustCall && !content)
    return addText(section, alone, done);
  State start = builder.letters(FrameBuilder::kStart, "\n", 0, 2); // which calls take away
  if (hasSection)
    builder.join(builder.text(start, calls.section_begin), section);
  if (isBare)
    builder.join(start, alone->inside);
  else if (!hasSection)
    builder.join(builder.text(start, calls.begin), alone->inside);
  if (!content)
    return {};
  constexpr std::string_view kValueBegins = "{[\"-0123456789tfn";
  const std::string &first = hasSection ? calls.section_begin : calls.begin;
  bool isUnclear = isBare || (!marks(first).isMarked() && kValueBegins.contains(first[0]));
  if (isUnclear)
    return fail(
        Code::kInvalidArgument,
        "this model's calls begin as a value of JSON does, so its answers cannot be held to "
        "a form beside tools");
  builder.join(builder.value(start, *content), done);
  return {};
}

/// Text, up to calls.
Status Grammar::addText(State section, const std::optional<Sequence> &alone, State done) {
  const bundle::ToolCallFormatT &calls = *format.calls;
  std::vector<std::string> stops;
  std::vector<State> behind;
  auto add = [&](const std::string &mark, State to) {
    if (mark.empty())
      return;
    stops.push_back(mark);
    behind.push_back(to);
  };
  add(calls.section_begin, section);
  add(calls.begin, alone->inside);
  bool isBare = calls.begin.empty();
  bool isPython = calls.notation == bundle::ToolNotation::Python;
  auto text = builder.freeText(stops, !isBare ? "" : isPython ? "[ \t\r\n" : "[{ \t\r\n");
  if (!text)
    return std::unexpected(std::move(text).error());
  builder.join(text->within, done);
  for (size_t i = 0; i < stops.size(); ++i)
    builder.join(text->behind[i], behind[i]);
  State start = isBare ? builder.spaces(FrameBuilder::kStart) : FrameBuilder::kStart;
  builder.join(start, text->begin);
  if (isBare)
    builder.join(start, alone->inside);
  return {};
}

/// A message that another one follows.
Status Grammar::addMessage(State header, std::string_view channel, State behind) {
  const std::array<std::string, 1> stops{"<|end|>"};
  auto text = builder.freeText(stops);
  if (!text)
    return std::unexpected(std::move(text).error());
  State begin = builder.text(header, fmt::format("<|channel|>{}<|message|>", channel));
  builder.join(begin, text->begin);
  builder.join(builder.text(text->behind[0], "<|start|>assistant"), behind);
  if (channel == "analysis" && format.start == AnswerFormat::Start::kReasoning)
    builder.join(FrameBuilder::kStart, text->begin);
  return {};
}

Status Grammar::addFinal(State header, State done) {
  State begin = builder.text(header, "<|channel|>final<|message|>");
  if (content) {
    builder.join(builder.value(builder.spaces(begin), *content), done);
    return {};
  }
  auto text = builder.freeText({});
  if (!text)
    return std::unexpected(std::move(text).error());
  builder.join(begin, text->begin);
  builder.join(text->within, done);
  return {};
}

/// Thoughts, a preamble, and a call or an answer: messages with headers, of which the prompt has
/// begun the first.
Status Grammar::addHarmony() {
  if (format.start == AnswerFormat::Start::kAnswer)
    return fail(Code::kInvalidArgument, "without reasoning this model has begun an answer, in "
                                        "which it cannot call a tool");
  builder.frame().holdsAll = true;
  State first = builder.add(), second = builder.add(), last = builder.add(), done = builder.add();
  builder.endAt(done);
  if (format.start == AnswerFormat::Start::kBeginning)
    builder.join(FrameBuilder::kStart, first);
  builder.join(first, second);
  builder.join(second, last);
  OSSCC_RETURN_IF_ERROR(addMessage(first, "analysis", second));
  OSSCC_RETURN_IF_ERROR(addMessage(second, "commentary", last));
  for (const CallWriter::Tool &tool : tools)
    for (const char *header : {"<|channel|>commentary to=functions.{} <|constrain|>json<|message|>",
                               " to=functions.{}<|channel|>commentary <|constrain|>json<|message|>",
                               " to=functions.{}<|channel|>commentary json<|message|>"}) {
      State begin = builder.text(last, fmt::format(fmt::runtime(header), tool.name));
      builder.join(builder.value(begin, tool.arguments), done);
    }
  return rules.mustCall ? Status() : addFinal(last, done);
}

} // namespace

Result<Schema> holdCalls(const AnswerFormat &format, const CallRules &rules,
                         const Tokenizer &tokenizer) {
  return Grammar(format, rules, tokenizer).make();
}

std::vector<TextArgument> textArguments(const std::vector<HeldTool> &tools) {
  std::vector<TextArgument> texts;
  for (const HeldTool &tool : tools)
    for (uint32_t object : tool.arguments->nodes[schema::Machine::kRoot].objects)
      for (const auto &member : tool.arguments->objects[object].members) {
        const schema::Node &node = tool.arguments->nodes[member.value];
        bool isOther = node.yes || node.no || !node.numbers.empty() || !node.arrays.empty() ||
                       !node.objects.empty();
        auto name = plainName(member.name);
        if (name && !isOther && !node.strings.empty())
          texts.push_back({tool.name, *name, node.null});
      }
  return texts;
}

} // namespace osscc::rt
