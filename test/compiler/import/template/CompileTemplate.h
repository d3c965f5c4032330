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

/// The same of a template with a name, of a model that has several.
std::string compileNamedTemplate(const std::string &name, const std::string &text,
                                 std::string &error);

/// A bundle that holds a chat template, the chat format that was found of it, and little else.
///
/// \param mode  the value of --reasoning that it is compiled for; empty: each request chooses.
std::string compileChat(const std::string &text, const std::string &mode, std::string &error);

} // namespace osscc
