// Who may ask: keys, and the names and origins that a browser may come from.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt::serve {

/// The keys of --api-key-file.
class Keys {
public:
  Keys() = default; ///< None: everybody may ask.

  /// One key a line; blank lines and those that begin with '#' are passed over.
  /// \errors  kInvalidArgument for a file that cannot be read, has no key, or one with a space.
  static Result<Keys> read(const std::string &path);
  static Result<Keys> parse(std::string_view text, const std::string &path);

  bool empty() const { return keys.empty(); }

  /// The number of the key in "Bearer KEY", from 1; 0 where there are no keys; none: a wrong one.
  /// Takes as long for any text of the same length.
  std::optional<uint64_t> find(std::string_view authorization) const;

private:
  std::vector<std::string> keys;
};

/// A numeric address of --host, "localhost" among the names for one. \errors  kUsage.
Result<std::string> numericAddress(const std::string &host);

/// Whether an address is reached from this machine alone.
bool isLoopback(std::string_view address);

/// Whether a Host header names this machine as a browser on it does: "localhost:8080",
/// "127.0.0.1", "[::1]:80", or `address`. Any other name may be one that a page's owner has made to
/// lead here.
bool isOwnHost(std::string_view host, std::string_view address);

/// Whether an Origin header is that of a page which this server has given: "http://HOST".
bool isOwnOrigin(std::string_view origin, std::string_view host);

} // namespace osscc::rt::serve
