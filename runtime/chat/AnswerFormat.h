// How a model writes its answers: what tells reasoning from the answer.
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/bundle/Bundle_generated.h"
#include "runtime/chat/CallValues.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <optional>
#include <string>
#include <vector>

namespace osscc::rt {

struct AnswerFormat {
  enum class Style {
    kPlain,   ///< All of it is the answer.
    kTags,    ///< Reasoning stands between two texts at the beginning.
    kHarmony, ///< Messages with headers, each in a channel.
  } style = Style::kPlain;

  /// The texts around reasoning for kTags: "<think>" and "</think>". They may be tokens of their
  /// own, special or not, or parts of tokens.
  std::string open = {}, close = {};

  /// Where the prompt leaves off.
  enum class Start {
    kBeginning, ///< Before all; for kHarmony after "<|start|>assistant".
    kReasoning, ///< The prompt has opened the reasoning.
    kAnswer,    ///< The prompt has closed the reasoning, or opened the channel of the answer.
  } start = Start::kBeginning;

  /// The recipients that the model may call, "functions.get_weather"; none: any.
  std::optional<std::vector<std::string>> tools = std::nullopt;

  /// How calls are written for kPlain and kTags; none: that is not known. They are text where this
  /// is none, and where there is no tool to call.
  std::optional<bundle::ToolCallFormatT> calls = std::nullopt;

  /// Arguments that the schemas of the tools say are texts.
  std::vector<TextArgument> texts = {};
};

/// How the model of this executable writes its answers, from the beginning of one.
AnswerFormat answerFormatOf(const Bundle &bundle, const Tokenizer &tokenizer);

} // namespace osscc::rt
