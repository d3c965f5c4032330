// A regular expression as a nondeterministic automaton, by Thompson's construction.
#pragma once

#include "runtime/schema/Automaton.h"

#include <string_view>
#include <vector>

namespace osscc::rt::schema {

struct Nfa {
  struct State {
    std::vector<uint32_t> free;           ///< Where no character leads.
    std::vector<uint32_t> atBegin, atEnd; ///< And only at the begin or the end of the text.
    CharacterSet set;                     ///< Which characters lead to `next`.
    uint32_t next = 0;
  };
  std::vector<State> states;
  uint32_t start = 0, end = 0;
};

/// \errors  as compilePattern().
Nfa parsePattern(std::string_view pattern);

/// The characters of a class, "\d" or "\p{Lu}".
CharacterSet digits();
CharacterSet wordCharacters();
CharacterSet spaces();
/// \param name  of a general category, "L", "Letter" or "gc=Lu"; empty result: not known.
CharacterSet charactersOfCategory(std::string_view name);

} // namespace osscc::rt::schema
