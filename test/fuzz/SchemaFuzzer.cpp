#include "runtime/schema/Constraint.h"
#include "test/fuzz/Readers.h"
#include "test/runtime/schema/Vocabulary.h"

#include <algorithm>
#include <vector>

using namespace osscc;

/// The input up to a zero byte is the schema; the bytes behind it choose tokens.
void fuzz::readSchema(std::string_view bytes) {
  size_t end = std::min(bytes.find('\0'), bytes.size());
  rt::Result<rt::Schema> schema = rt::compileSchema(bytes.substr(0, end));
  if (!schema) {
    require(schema.error().message.starts_with("schema #"), "an error names a path");
    return;
  }
  auto trie = test::byteVocabulary();
  rt::Constraint constraint(*schema, trie);
  std::string_view choices = bytes.substr(std::min(end + 1, bytes.size())).substr(0, 200);
  for (char choice : choices) {
    std::vector<int32_t> ids;
    auto mask = constraint.allowed();
    for (int32_t id = 0; id < trie->vocabulary(); ++id)
      if (mask[size_t(id) / 64] >> (id % 64) & 1)
        ids.push_back(id);
    if (ids.empty()) {
      require(constraint.mayEnd(), "no text comes to a dead end");
      return;
    }
    require(constraint.take(ids[uint8_t(choice) % ids.size()]), "what is allowed is taken");
  }
}
