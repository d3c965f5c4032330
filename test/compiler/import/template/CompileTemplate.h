// Chat templates from source, for tests on both sides of the two language levels: no LLVM type
// shows here.
#pragma once

#include <string>

namespace osscc {

/// The program of a template as the bytes that a bundle holds, root bundle::Template.
///
/// \param file   names the template in errors.
/// \param error  what the compiler says if it refuses the template; the bytes are then empty.
std::string compileTemplate(const std::string &file, const std::string &text, std::string &error);

/// The same for the template of a checkpoint's directory; empty without an error if it has none.
std::string compileTemplateOf(const std::string &directory, std::string &error);

} // namespace osscc
