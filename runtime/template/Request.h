// A chat request as the exact prompt that the model sees: which of the model's templates runs, and
// what it is given. The judge is transformers 5.24's apply_chat_template(tokenize=False), step by
// step (docs/design/templates.md).
#pragma once

#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Value.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace osscc::rt {

/// What a model brings to each request.
struct ChatFormat {
  std::vector<const bundle::Template *> templates; ///< By their `name`, none of them null.
  /// Tokens that templates print, by the names they have there: {"bos_token", "<s>"}.
  std::vector<std::pair<std::string_view, std::string_view>> specialTokens;
};

/// Renders `request`, an object:
///   messages                a list of objects, not empty
///   tools, documents        lists of objects; null is as good as absent
///   add_generation_prompt   absent: false
///   continue_final_message  true, or the field of the last message that the answer goes on with
///   chat_template           the name of the template, for a model that has several
///   chat_template_kwargs    an object of further variables
/// and what else it holds are variables of the template, which go before the model's special
/// tokens. What says how to make ids of the text (`tokenize`, `padding`, ...) is left out.
///
/// \param clock  seconds since 1970 that the template takes for now; none: the machine's time.
/// \errors  kInvalidArgument for what apply_chat_template refuses, for a template that the model
///          does not have, and those of renderChat().
Result<Rendered> renderRequest(const ChatFormat &format, const Value &request,
                               std::optional<int64_t> clock);

} // namespace osscc::rt
