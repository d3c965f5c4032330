// Runs the template program that the compiler parsed from the checkpoint's Jinja
// (runtime/bundle/Template.fbs), with the semantics of Hugging Face's jinja2 environment.
//
// Every byte knows whether the template or the user wrote it, through concatenation, filters,
// slices and variables, so that the tokenizer matches special tokens in the template's bytes only.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Template_generated.h"
#include "runtime/template/Value.h"
#include "runtime/tokenizer/Spans.h"
#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace osscc::rt {

struct Rendered {
  std::string text;
  std::vector<TokenSpan> spans; ///< Cover `text`; neighbours differ in origin. Empty for no text.
};

/// Renders `program`: Jinja as transformers' sandbox runs it. What a chat request has to become
/// before is Request.h's.
///
/// \param variables  a dict of the variables by name, texts with their origins.
/// \param clock  seconds since 1970 that `strftime_now` prints, in UTC; none: the machine's local
///               time.
/// \errors  kInvalidArgument with the template's own message where it calls raise_exception, and
/// with its line where an
///          operation does not fit the conversation (a missing field, text + list), where a limit
///          is passed: 64 units of work a byte of the variables plus 2^28, nesting deeper than 100
///          of values, 600 of calls. kOutOfMemory if an allocation fails.
/// Cost: linear in the variables for each use that the template makes of them. Uses up to about
/// 1 MiB of stack.
Result<Rendered> renderChat(const bundle::Template &program, const Value &variables,
                            std::optional<int64_t> clock);

/// The same for variables as JSON, which count as the user's except `bos_token`, `eos_token`,
/// `unk_token`, `pad_token`, `sep_token`, `cls_token` and `mask_token`. `tools` and `documents` are
/// null when absent. The integer `strftime_now` is the clock, if it is given.
Result<Rendered> renderChat(const bundle::Template &program, const boost::json::object &context);

} // namespace osscc::rt
