// The switch of reasoning: which mode an assistant is in, and what that makes of a request. What
// there is to switch, osscc has found (bundle::ChatFormat).
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/chat/AnswerFormat.h"
#include "runtime/template/Request.h"

#include <string>
#include <string_view>

namespace osscc::rt::cli {

class Reasoning {
public:
  /// The usual mode of the model: the one that its template has for a request that asks for none.
  explicit Reasoning(const bundle::Bundle &index)
      : format(index.chat_format()), model(index.model()) {}

  /// Whether the model has a reasoning mode.
  bool exists() const { return format != nullptr; }

  /// Takes a mode from now on: off, on, low, medium or high. \errors  kInvalidArgument for a model
  /// without reasoning and for one that was compiled for another mode.
  Status choose(std::string_view mode);

  /// "reasoning medium", for people; empty for a model without reasoning.
  std::string describe() const;

  /// A chat request as the mode has it: with the template's variables, and with a word behind the
  /// last question. \errors  kInvalidArgument where it asks for another mode than the one that the
  /// model was compiled for.
  Result<Value> applyTo(const Value &request) const;

  /// Puts behind the prompt what the mode begins an answer with.
  void prefill(Rendered &prompt) const;

  /// What leads out of the thoughts to the answer, behind whatever stands; empty: nothing does.
  std::string_view close() const;

  /// How the answer to a prompt is to be read.
  AnswerFormat formatBehind(std::string_view prompt) const;

private:
  const bundle::ReasoningMode *mode() const;
  Status checkRequest(const Dict &request) const;

  const bundle::ChatFormat *format;
  const bundle::Model *model;
  std::string chosen;
};

} // namespace osscc::rt::cli
