// The sets of characters that expressions have names for.
#include "runtime/schema/PatternParser.h"

#include <utf8proc.h>

#include <array>
#include <utility>

namespace osscc::rt::schema {

CharacterSet digits() {
  return {{'0', '9'}};
}

CharacterSet wordCharacters() {
  return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
}

CharacterSet spaces() {
  return joined({{'\t', '\r'},
                 {' ', ' '},
                 {0xA0, 0xA0},
                 {0x1680, 0x1680},
                 {0x2000, 0x200A},
                 {0x2028, 0x2029},
                 {0x202F, 0x202F},
                 {0x205F, 0x205F},
                 {0x3000, 0x3000},
                 {0xFEFF, 0xFEFF}});
}

CharacterSet charactersOfCategory(std::string_view name) {
  for (std::string_view prefix : {"gc=", "General_Category="})
    if (name.starts_with(prefix))
      name.remove_prefix(prefix.size());
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kLong{
      {{"Letter", "L"},
       {"Mark", "M"},
       {"Number", "N"},
       {"Punctuation", "P"},
       {"Symbol", "S"},
       {"Separator", "Z"},
       {"Uppercase_Letter", "Lu"},
       {"Lowercase_Letter", "Ll"},
       {"Decimal_Number", "Nd"},
       {"digit", "Nd"},
       {"punct", "P"},
       {"Space_Separator", "Zs"}}};
  for (auto [full, brief] : kLong)
    if (name == full)
      name = brief;
  if (name.empty() || name.size() > 2)
    return {};
  std::vector<Span> spans;
  for (Span all : allCharacters())
    for (char32_t c = all.first; c <= all.last; ++c) {
      std::string_view category = utf8proc_category_string(utf8proc_int32_t(c));
      if (category != "Cn" && category.starts_with(name))
        spans.push_back({c, c});
    }
  return joined(std::move(spans));
}

} // namespace osscc::rt::schema
