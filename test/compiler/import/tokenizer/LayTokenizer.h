// A tokenizer from a checkpoint, for tests on both sides of the two language levels: no LLVM type
// shows here.
#pragma once

#include <string>

namespace osscc {

/// The tables of a folder's tokenizer.json as the bytes that a bundle holds, root
/// bundle::Tokenizer.
///
/// \param error  what the compiler says if it refuses the tokenizer; the bytes are then empty.
std::string layTokenizerOf(const std::string &folder, std::string &error);

} // namespace osscc
