// The ways in which models are known to call tools.
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include <memory>
#include <vector>

namespace osscc {

/// All of them, those with a mark of their own first. Of several with the same mark the first is
/// the one that a template means which only names the mark.
std::vector<std::unique_ptr<bundle::ToolCallFormatT>> toolCallFormats();

} // namespace osscc
