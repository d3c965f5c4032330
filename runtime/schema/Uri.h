// What of URIs references need: RFC 3986, section 5.
#pragma once

#include <string>
#include <string_view>

namespace osscc::rt::schema {

/// `reference` as seen from `base`, without its fragment.
std::string resolveUri(std::string_view base, std::string_view reference);

/// The fragment, with its percent signs read; empty if there is none.
std::string fragmentOf(std::string_view reference);

} // namespace osscc::rt::schema
