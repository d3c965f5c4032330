// What is asked: the text on standard input, that of a file and the command line's question, in
// this order.
#pragma once

#include "runtime/base/File.h"
#include "runtime/cli/Options.h"

#include <optional>
#include <string>
#include <vector>

namespace osscc::rt::cli {

/// The question, or none if this is to be a chat: nothing is asked and standard input is a
/// terminal. Beside a question, a pipe, a socket or a file on standard input is text; whatever else
/// lies there is not, nor is a pipe that stays open without a byte for 5 seconds, nor a file that
/// somebody has begun to read, such as a shell's loop over its lines. Each of these two is said.
/// \errors  kUsage for an empty question; those of readAll().
Result<std::optional<std::string>> readQuestion(const Options &options, const ReadLimit &limit);

/// The parts as one text, a blank line between two that are not empty. The newline that ends a file
/// is no part of it. With `raw` nothing is taken away and nothing put between.
std::string joinParts(const std::vector<std::string> &parts, bool raw);

} // namespace osscc::rt::cli
