// Formats of tool calls, one of each notation, for tests that have no compiler. Their marks are
// those of AnswerTokenizer where it has some.
#pragma once

#include "runtime/bundle/Bundle_generated.h"

#include <vector>

namespace osscc::test {

inline bundle::ToolCallFormatT toolFormat(bundle::ToolNotation notation, const char *begin = "",
                                          const char *end = "") {
  bundle::ToolCallFormatT format;
  format.notation = notation;
  format.begin = begin;
  format.end = end;
  return format;
}

/// As Qwen 3.
inline bundle::ToolCallFormatT jsonCalls() {
  return toolFormat(bundle::ToolNotation::Json, "<tool_call>", "</tool_call>");
}

/// As Llama 3.1.
inline bundle::ToolCallFormatT bareJsonCalls() {
  bundle::ToolCallFormatT format = toolFormat(bundle::ToolNotation::Json);
  format.section_begin = "<|python_tag|>";
  return format;
}

/// As Mistral Small 3.2.
inline bundle::ToolCallFormatT namedCalls() {
  bundle::ToolCallFormatT format = toolFormat(bundle::ToolNotation::NamedJson, "[TOOL_CALLS]");
  format.id_begin = "[CALL_ID]";
  format.name_end = "[ARGS]";
  return format;
}

/// As DeepSeek V3.
inline bundle::ToolCallFormatT fencedCalls() {
  bundle::ToolCallFormatT format =
      toolFormat(bundle::ToolNotation::NamedJson, "<|call|>", "```<|end|>");
  format.section_begin = "<|start|>";
  format.section_end = "<|return|>";
  format.name_begin = "<|message|>";
  format.name_end = "```json";
  return format;
}

/// As Qwen 3 Coder.
inline bundle::ToolCallFormatT xmlCalls() {
  bundle::ToolCallFormatT format =
      toolFormat(bundle::ToolNotation::Parameters, "<function=", "</function>");
  format.section_begin = "<tool_call>";
  format.section_end = "</tool_call>";
  format.name_end = format.key_end = ">";
  format.key_begin = "<parameter=";
  format.value_end = "</parameter>";
  format.lines = true;
  return format;
}

/// As GLM 4.5.
inline bundle::ToolCallFormatT pairCalls() {
  bundle::ToolCallFormatT format =
      toolFormat(bundle::ToolNotation::Parameters, "<tool_call>", "</tool_call>");
  format.key_begin = "<arg_key>";
  format.key_end = "</arg_key>";
  format.value_begin = "<arg_value>";
  format.value_end = "</arg_value>";
  return format;
}

/// As DeepSeek V3.2.
inline bundle::ToolCallFormatT typedCalls() {
  bundle::ToolCallFormatT format =
      toolFormat(bundle::ToolNotation::Parameters, "<invoke name=\"", "</invoke>");
  format.section_begin = "<calls>";
  format.section_end = "</calls>";
  format.name_end = "\">";
  format.key_begin = "<parameter name=\"";
  format.key_end = "\" string=\"";
  format.type_end = "\">";
  format.value_end = "</parameter>";
  return format;
}

/// As Llama 3.2's and Llama 4's.
inline bundle::ToolCallFormatT barePythonCalls() {
  return toolFormat(bundle::ToolNotation::Python);
}

/// As LFM 2.
inline bundle::ToolCallFormatT pythonCalls() {
  return toolFormat(bundle::ToolNotation::Python, "<|call|>", "<|end|>");
}

/// As Gemma 4.
inline bundle::ToolCallFormatT gemmaCalls() {
  return toolFormat(bundle::ToolNotation::Gemma, "<|call|>call:", "<|end|>");
}

inline std::vector<bundle::ToolCallFormatT> toolFormats() {
  return {jsonCalls(), bareJsonCalls(), namedCalls(),      fencedCalls(), xmlCalls(),
          pairCalls(), typedCalls(),    barePythonCalls(), pythonCalls(), gemmaCalls()};
}

} // namespace osscc::test
