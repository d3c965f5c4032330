#include "compiler/import/template/ToolCallRows.h"

namespace osscc {

namespace {

using Notation = bundle::ToolNotation;

/// A row of ToolCallFormat; the field's names are those of runtime/bundle/Bundle.fbs.
struct Row {
  const char *name;
  Notation notation;
  const char *sectionBegin = "", *sectionEnd = "", *begin = "", *end = "";
  const char *nameBegin = "", *nameEnd = "", *idBegin = "";
  const char *keyBegin = "", *keyEnd = "", *typeEnd = "", *valueBegin = "", *valueEnd = "";
  bool lines = false;
};

/// Of rows with the same mark the first is taken where a template only names the mark. Sources: the
/// chat templates of the models that are named.
constexpr Row kRows[] = {
    // {"name": "f", "arguments": {}}. Qwen 2.5 and 3, Hermes, SmolLM3, Granite 4, Reka Edge.
    {.name = "hermes", .notation = Notation::Json, .begin = "<tool_call>", .end = "</tool_call>"},
    // Qwen 3 Coder and 3.5, Nemotron 3, Step 3.5.
    {.name = "qwen-xml",
     .notation = Notation::Parameters,
     .sectionBegin = "<tool_call>",
     .sectionEnd = "</tool_call>",
     .begin = "<function=",
     .end = "</function>",
     .nameEnd = ">",
     .keyBegin = "<parameter=",
     .keyEnd = ">",
     .valueEnd = "</parameter>",
     .lines = true},
    {.name = "seed",
     .notation = Notation::Parameters,
     .sectionBegin = "<seed:tool_call>",
     .sectionEnd = "</seed:tool_call>",
     .begin = "<function=",
     .end = "</function>",
     .nameEnd = ">",
     .keyBegin = "<parameter=",
     .keyEnd = ">",
     .valueEnd = "</parameter>"},
    // GLM 4.5 to 4.7, Ling 3, Laguna.
    {.name = "glm",
     .notation = Notation::Parameters,
     .begin = "<tool_call>",
     .end = "</tool_call>",
     .keyBegin = "<arg_key>",
     .keyEnd = "</arg_key>",
     .valueBegin = "<arg_value>",
     .valueEnd = "</arg_value>"},
    {.name = "hunyuan",
     .notation = Notation::Parameters,
     .sectionBegin = "<tool_calls:opensource>",
     .sectionEnd = "</tool_calls:opensource>",
     .begin = "<tool_call:opensource>",
     .end = "</tool_call:opensource>",
     .nameEnd = "<tool_sep:opensource>",
     .keyBegin = "<arg_key:opensource>",
     .keyEnd = "</arg_key:opensource>",
     .valueBegin = "<arg_value:opensource>",
     .valueEnd = "</arg_value:opensource>"},
    {.name = "minimax",
     .notation = Notation::Parameters,
     .sectionBegin = "<minimax:tool_call>",
     .sectionEnd = "</minimax:tool_call>",
     .begin = "<invoke name=\"",
     .end = "</invoke>",
     .nameEnd = "\">",
     .keyBegin = "<parameter name=\"",
     .keyEnd = "\">",
     .valueEnd = "</parameter>"},
    // DeepSeek V3.2; V4 calls the section otherwise.
    {.name = "dsml",
     .notation = Notation::Parameters,
     .sectionBegin = "<｜DSML｜function_calls>",
     .sectionEnd = "</｜DSML｜function_calls>",
     .begin = "<｜DSML｜invoke name=\"",
     .end = "</｜DSML｜invoke>",
     .nameEnd = "\">",
     .keyBegin = "<｜DSML｜parameter name=\"",
     .keyEnd = "\" string=\"",
     .typeEnd = "\">",
     .valueEnd = "</｜DSML｜parameter>"},
    {.name = "dsml-4",
     .notation = Notation::Parameters,
     .sectionBegin = "<｜DSML｜tool_calls>",
     .sectionEnd = "</｜DSML｜tool_calls>",
     .begin = "<｜DSML｜invoke name=\"",
     .end = "</｜DSML｜invoke>",
     .nameEnd = "\">",
     .keyBegin = "<｜DSML｜parameter name=\"",
     .keyEnd = "\" string=\"",
     .typeEnd = "\">",
     .valueEnd = "</｜DSML｜parameter>"},
    // Muse Glimmer.
    {.name = "atem",
     .notation = Notation::Parameters,
     .sectionBegin = "<atem:function_calls>",
     .sectionEnd = "</atem:function_calls>",
     .begin = "<atem:invoke name=\"",
     .end = "</atem:invoke>",
     .nameEnd = "\">",
     .keyBegin = "<atem:parameter name=\"",
     .keyEnd = "\">",
     .valueEnd = "</atem:parameter>"},
    {.name = "gemma",
     .notation = Notation::Gemma,
     .begin = "<|tool_call>call:",
     .end = "<tool_call|>"},
    // Mistral Small 3.2, Ministral 3, Devstral.
    {.name = "mistral-args",
     .notation = Notation::NamedJson,
     .begin = "[TOOL_CALLS]",
     .nameEnd = "[ARGS]",
     .idBegin = "[CALL_ID]"},
    // Mistral Nemo, Mistral 7B 0.3: a list.
    {.name = "mistral", .notation = Notation::Json, .begin = "[TOOL_CALLS]"},
    // DeepSeek V3 and R1; V3.1 writes no type and no fence.
    {.name = "deepseek",
     .notation = Notation::NamedJson,
     .sectionBegin = "<｜tool▁calls▁begin｜>",
     .sectionEnd = "<｜tool▁calls▁end｜>",
     .begin = "<｜tool▁call▁begin｜>",
     .end = "```<｜tool▁call▁end｜>",
     .nameBegin = "<｜tool▁sep｜>",
     .nameEnd = "```json"},
    {.name = "deepseek-3.1",
     .notation = Notation::NamedJson,
     .sectionBegin = "<｜tool▁calls▁begin｜>",
     .sectionEnd = "<｜tool▁calls▁end｜>",
     .begin = "<｜tool▁call▁begin｜>",
     .end = "<｜tool▁call▁end｜>",
     .nameEnd = "<｜tool▁sep｜>"},
    {.name = "kimi",
     .notation = Notation::NamedJson,
     .sectionBegin = "<|tool_calls_section_begin|>",
     .sectionEnd = "<|tool_calls_section_end|>",
     .begin = "<|tool_call_begin|>",
     .end = "<|tool_call_end|>",
     .nameBegin = "functions.",
     .nameEnd = "<|tool_call_argument_begin|>",
     .idBegin = ":"},
    {.name = "solar",
     .notation = Notation::NamedJson,
     .sectionBegin = "<|tool_calls|>",
     .begin = "<|tool_call:begin|>",
     .end = "<|tool_call:end|>",
     .nameBegin = "<|tool_call:name|>",
     .nameEnd = "<|tool_call:args|>"},
    {.name = "functionary",
     .notation = Notation::NamedJson,
     .begin = "<function=",
     .end = "</function>",
     .nameEnd = ">"},
    // Granite 3.
    {.name = "granite", .notation = Notation::Json, .begin = "<|tool_call|>"},
    {.name = "nemotron", .notation = Notation::Json, .begin = "<TOOLCALL>", .end = "</TOOLCALL>"},
    // MiniMax M1, Apriel.
    {.name = "tool-calls",
     .notation = Notation::Json,
     .begin = "<tool_calls>",
     .end = "</tool_calls>"},
    {.name = "cohere",
     .notation = Notation::Json,
     .begin = "<|START_ACTION|>",
     .end = "<|END_ACTION|>"},
    {.name = "apertus",
     .notation = Notation::Json,
     .begin = "<|tools_prefix|>",
     .end = "<|tools_suffix|>"},
    {.name = "gigachat", .notation = Notation::Json, .begin = "<|function_call|>"},
    {.name = "lfm2",
     .notation = Notation::Python,
     .begin = "<|tool_call_start|>",
     .end = "<|tool_call_end|>"},
    // Llama 4, 3.1 and 3.3, 3.2: an answer that is a call and nothing else, with a mark or without.
    {.name = "llama-4",
     .notation = Notation::Json,
     .sectionBegin = "<|python_start|>",
     .sectionEnd = "<|python_end|>"},
    {.name = "llama-3", .notation = Notation::Json, .sectionBegin = "<|python_tag|>"},
    {.name = "json", .notation = Notation::Json},
    {.name = "pythonic", .notation = Notation::Python},
};

std::unique_ptr<bundle::ToolCallFormatT> formatOf(const Row &row) {
  auto format = std::make_unique<bundle::ToolCallFormatT>();
  format->name = row.name;
  format->notation = row.notation;
  format->section_begin = row.sectionBegin;
  format->section_end = row.sectionEnd;
  format->begin = row.begin;
  format->end = row.end;
  format->name_begin = row.nameBegin;
  format->name_end = row.nameEnd;
  format->id_begin = row.idBegin;
  format->key_begin = row.keyBegin;
  format->key_end = row.keyEnd;
  format->type_end = row.typeEnd;
  format->value_begin = row.valueBegin;
  format->value_end = row.valueEnd;
  format->lines = row.lines;
  return format;
}

} // namespace

std::vector<std::unique_ptr<bundle::ToolCallFormatT>> toolCallFormats() {
  std::vector<std::unique_ptr<bundle::ToolCallFormatT>> formats;
  for (const Row &row : kRows)
    formats.push_back(formatOf(row));
  return formats;
}

} // namespace osscc
