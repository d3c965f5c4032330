// Whether a schema takes a text.
#pragma once

#include "runtime/schema/Constraint.h"
#include "test/runtime/schema/Vocabulary.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace osscc::test {

inline rt::Schema compiled(std::string_view text) {
  auto schema = rt::compileSchema(text);
  EXPECT_TRUE(schema) << text << ": " << (schema ? "" : schema.error().message);
  return schema ? *schema : nullptr;
}

/// "whole", "begun", or the bytes that were taken before one that was not.
inline std::string taken(std::string_view schema, std::string_view text) {
  rt::Constraint constraint(compiled(schema), byteVocabulary());
  for (size_t i = 0; i < text.size(); ++i)
    if (!constraint.takeText(text.substr(i, 1)))
      return std::string(text.substr(0, i));
  return constraint.mayEnd() ? "whole" : "begun";
}

inline bool takes(std::string_view schema, std::string_view text) {
  return taken(schema, text) == "whole";
}

/// The message of a schema that is refused.
inline std::string refusal(std::string_view schema) {
  auto result = rt::compileSchema(schema);
  return result ? "taken" : result.error().message;
}

} // namespace osscc::test
