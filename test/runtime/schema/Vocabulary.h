// Vocabularies to constrain, made by hand.
#pragma once

#include "runtime/schema/TokenTrie.h"

#include <memory>
#include <string>
#include <vector>

namespace osscc::test {

/// All bytes, and tokens that cross every border that JSON has, as learned vocabularies have them.
inline std::shared_ptr<const rt::TokenTrie> byteVocabulary() {
  static const std::shared_ptr<const rt::TokenTrie> trie = [] {
    std::vector<std::string> texts;
    for (int byte = 0; byte < 256; ++byte)
      texts.emplace_back(1, char(byte));
    for (const char *text :
         {"{\"",  "\":",  "\",\"",    "\":\"",    "\"}",      "\"},{\"",  "},",   "}]",  "]}",
          "]]",   "[]",   "{}",       "[{\"",     "\"]",      "\",",      ",\"",  ",\n", "{\n",
          "\n ",  "  ",   "true",     "false",    "null",     "tr",       "ue",   "12",  "00",
          "1,",   "0.",   ".5",       "1}",       "name",     "\"name\"", "foo",  "bar", "\"foo\":",
          "\\u",  "\\\"", "\xC3\xA9", "\xF0\x9F", "\x98\x80", "}}}",      "e1",   "-1",  "\": ",
          ", \"", "ab\"", "a\"}",     "1]",       "\\ud83d",  "\\ude00",  "<tag>"})
      texts.emplace_back(text);
    return std::make_shared<const rt::TokenTrie>(
        std::vector<std::string_view>(texts.begin(), texts.end()));
  }();
  return trie;
}

} // namespace osscc::test
