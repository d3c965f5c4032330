// A chat request as the exact prompt that the model sees.
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/chat/Reasoning.h"
#include "runtime/template/Request.h"

#include <boost/json/object.hpp>

#include <optional>

namespace osscc::rt::cli {

bool hasTemplate(const Bundle &bundle);

/// Renders `request` (messages, tools, add_generation_prompt, ...; runtime/template/Request.h) by
/// the model's templates and with its tokenizer's special tokens.
///
/// \param clock  seconds since 1970 that the template takes for now; none: the machine's time.
/// \param reasoning  its mode is asked for, and begins the answer where the request opens one.
/// \errors  kInvalidArgument when the model has no template, those of rt::renderRequest() and of
/// Reasoning::applyTo().
Result<Rendered> renderRequest(const Bundle &bundle, std::optional<int64_t> clock,
                               const Value &request, const Reasoning &reasoning);
/// The same for a request of JSON values, whose integers have at most 63 bits.
Result<Rendered> renderRequest(const Bundle &bundle, std::optional<int64_t> clock,
                               const boost::json::object &request, const Reasoning &reasoning);

} // namespace osscc::rt::cli
