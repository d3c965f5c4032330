// What Python knows of letters beyond utf8proc; see UnicodeTables.cpp.
#pragma once

#include <cstdint>
#include <span>

namespace osscc::rt {

struct CodeRange {
  uint32_t first, last;
};
/// A code point and the several that it becomes; zeros fill.
struct CaseMapping {
  uint32_t from, to[3];
};

/// Sorted, all of them.
extern const std::span<const CaseMapping> kSpecialUpper, kSpecialTitle;
extern const std::span<const CodeRange> kOtherLowercase, kOtherUppercase, kOtherCaseIgnorable,
    kOtherDigits, kOtherNumeric;

} // namespace osscc::rt
