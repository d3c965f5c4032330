// What ends the compilation of a schema: a place in it that is wrong or asks for what cannot be
// done. Thrown inside this folder only; compileSchema() makes a Result of it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace osscc::rt::schema {

struct Refusal : std::runtime_error {
  /// \param path  JSON Pointer to the keyword, "#/properties/a/not"; empty: the caller knows it.
  Refusal(std::string path, const std::string &what)
      : std::runtime_error(what), path(std::move(path)) {}
  std::string path;
};

/// What a schema may cost. Each step of its compilation that a hostile schema could multiply is
/// counted here.
class Budget {
public:
  /// \errors  Refusal when all is spent.
  void spend(int64_t steps) {
    if ((left -= steps) < 0)
      throw Refusal("", "the schema is too complex: its alternatives multiply");
  }

private:
  int64_t left = 5'000'000;
};

} // namespace osscc::rt::schema
