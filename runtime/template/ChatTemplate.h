// Renders a conversation to the model's prompt: runs the template program that the compiler parsed
// from the checkpoint's Jinja (runtime/bundle/Template.fbs), with the semantics of Hugging Face's
// jinja2 environment.
//
// Every byte knows whether the template or the user wrote it, through concatenation, filters,
// slices and variables, so that the tokenizer matches special tokens in the template's bytes only.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Template_generated.h"
#include "runtime/tokenizer/Spans.h"
#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace osscc::rt {

struct Rendered {
  std::string text;
  std::vector<TokenSpan> spans; ///< Cover `text`; neighbours differ in origin. Empty for no text.
};

/// Renders `program`, the same bytes as apply_chat_template(tokenize=False).
///
/// \param context  the variables: `messages`, `tools`, `add_generation_prompt`, `bos_token` and
/// others, and what the user
///                 passes on (`enable_thinking`). `tools` and `documents` are null when absent, as
///                 transformers passes them. Everything counts as the user's except the special
///                 tokens `bos_token`, `eos_token`, `unk_token`, `pad_token`, `sep_token`,
///                 `cls_token`, `mask_token`, which must come from the checkpoint. The integer
///                 `strftime_now`, if given, is the time that the function of this name prints, in
///                 seconds since 1970, in UTC; without it, it prints the machine's local time.
/// \errors  kInvalidArgument with the template's own message where it calls raise_exception, and
/// with its line where an
///          operation does not fit the conversation (a missing field, text + list), where a limit
///          is passed: 64 units of work a byte of the context plus 2^28, nesting deeper than 100 of
///          values, 600 of calls. kOutOfMemory if an allocation fails.
/// Cost: linear in the context for each use that the template makes of it. Uses up to about 1 MiB
/// of stack.
Result<Rendered> renderChat(const bundle::Template &program, const boost::json::object &context);

} // namespace osscc::rt
