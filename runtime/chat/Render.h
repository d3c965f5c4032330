// A chat request as the exact prompt that the model sees.
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/template/ChatTemplate.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <boost/json/object.hpp>

#include <optional>

namespace osscc::rt::cli {

/// Renders `request` (messages, tools, add_generation_prompt, ...) by the model's template, which
/// may also print the checkpoint's own special tokens: bos_token and eos_token are added here,
/// whatever the request says of them.
///
/// \param clock  seconds since 1970 that the template takes for now; none: the machine's time.
/// \errors  kInvalidArgument when the model has no template, and those of renderChat().
Result<Rendered> renderRequest(const Bundle &bundle, const Tokenizer &tokenizer,
                               std::optional<int64_t> clock, boost::json::object request);

} // namespace osscc::rt::cli
