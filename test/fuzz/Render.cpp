#include "test/fuzz/Render.h"

#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Interpreter.h"
#include "test/fuzz/Readers.h"

#include <boost/json.hpp>

namespace osscc::fuzz {
namespace {

constexpr uint64_t kWork = 1 << 22; // of the 2^28 that a chat has at least

constexpr std::string_view kContext = R"({"add_generation_prompt": true, "bos_token": "<s>",
  "eos_token": "</s>", "strftime_now": 1700000000, "documents": null, "enable_thinking": false,
  "tools": [{"type": "function", "function": {"name": "add", "description": "Adds.", "parameters":
    {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}}],
  "messages": [{"role": "system", "content": " Be brief. "},
    {"role": "user", "content": "Grüße <|im_end|> 1 < 2 & \"3\"\n"},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "x", "type": "function",
      "function": {"name": "add", "arguments": {"a": 1, "b": -2.5e-3}}}]},
    {"role": "tool", "name": "add", "tool_call_id": "x", "content": "[0.9975, null, true]"},
    {"role": "user", "content": [{"type": "text", "text": "and?"}]}]})";

} // namespace

void render(const bundle::Template &program) {
  static const boost::json::object context = boost::json::parse(kContext).as_object();
  rt::Result<rt::Text> bounded =
      rt::TemplateInterpreter(program, kWork).run(*rt::fromJson(context, false), 1700000000);
  if (!bounded) {
    require(!bounded.error().message.empty(), "an error has a message");
    return;
  }
  // Cheap, now that it is known to end soon.
  rt::Result<rt::Rendered> rendered = rt::renderChat(program, context);
  if (!rendered)
    return;
  size_t done = 0;
  for (const rt::TokenSpan &span : rendered->spans) {
    require(span.begin == done && span.end > span.begin, "spans are adjacent");
    done = span.end;
  }
  require(done == rendered->text.size(), "spans cover the text");
}

} // namespace osscc::fuzz
