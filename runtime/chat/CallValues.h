// The values of a tool call in the notations that models write them in, as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// A call as it was read.
struct ReadCall {
  std::string name;
  std::string arguments; ///< A JSON object.
};

/// An argument of a tool that is a text whatever its letters are.
struct TextArgument {
  std::string tool, name;
  bool mayBeNull = false; ///< Then the word null is none.
};

/// The calls of a JSON object or of a list of objects: the name under "name" or "tool_name", or in
/// a "function" beside them; the arguments under "arguments" or "parameters", an object or a text
/// that is one, absent or null for none. An object of one field whose value is an object is the
/// call of its key. Arguments stay as they are spelt.
/// \returns nothing for any other JSON and for what is none.
std::optional<std::vector<ReadCall>> readJsonCalls(std::string_view text);

/// Whether a text is a JSON object.
bool isJsonObject(std::string_view text);

/// The calls of Python's notation: [f(a=1, b="x"), g()], or one call without the brackets.
std::optional<std::vector<ReadCall>> readPythonCalls(std::string_view text);

/// Arguments as Gemma 4 writes them, {a:1,b:<|"|>x<|"|>}, as a JSON object.
std::optional<std::string> readGemmaArguments(std::string_view text);

/// An argument that stands without quotes, as JSON: a value of JSON or of Python, or else a text. A
/// text has no quotes of its own there, so one that begins with a quote has them in itself.
std::string readBareValue(std::string_view text);

/// A text as a JSON string.
std::string quoteJson(std::string_view text);

} // namespace osscc::rt
