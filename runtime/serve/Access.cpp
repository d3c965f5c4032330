#include "runtime/serve/Access.h"

#include "runtime/base/File.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>

namespace osscc::rt::serve {
namespace {

/// Whether two texts are equal, in a time that depends on the length of `given` alone.
bool isEqualSlowly(std::string_view given, std::string_view key) {
  auto differ = uint32_t(given.size() != key.size());
  for (size_t i = 0; i < given.size(); ++i)
    differ |= uint32_t(uint8_t(given[i]) ^ uint8_t(key[i % key.size()]));
  return differ == 0;
}

/// The text without a port: "[::1]:80" is "[::1]".
std::string_view withoutPort(std::string_view host) {
  size_t colon = host.rfind(':');
  bool hasPort = colon != host.npos && host.find(']', colon) == host.npos &&
                 (host.starts_with('[') || host.find(':') == colon);
  return hasPort ? host.substr(0, colon) : host;
}

} // namespace

Result<Keys> Keys::parse(std::string_view text, const std::string &path) {
  Keys out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
      line.remove_suffix(1);
    if (line.empty() || line.starts_with('#'))
      continue;
    if (!std::ranges::all_of(line, [](char c) { return c > ' ' && c < 0x7F; }))
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: line {} is no key", path, out.keys.size() + 1),
                  "give one key a line, of letters and signs without spaces");
    out.keys.emplace_back(line);
  }
  if (out.keys.empty())
    return fail(Code::kInvalidArgument, fmt::format("{}: the file has no key", path),
                "write a key into it, a line each");
  return out;
}

Result<Keys> Keys::read(const std::string &path) {
  auto text = readAll(path, {.bytes = 1 << 20, .reason = "which no file of keys has"});
  if (!text)
    return std::unexpected(std::move(text).error());
  return parse(*text, path);
}

std::optional<uint64_t> Keys::find(std::string_view authorization) const {
  if (keys.empty())
    return 0;
  constexpr std::string_view kBearer = "bearer ";
  std::string_view scheme = authorization.substr(0, kBearer.size());
  if (!std::ranges::equal(scheme, kBearer, {}, [](char c) { return char(tolower(c)); }))
    return std::nullopt;
  std::string_view given = authorization.substr(kBearer.size());
  uint64_t found = 0;
  for (size_t i = 0; i < keys.size(); ++i)
    found |= isEqualSlowly(given, keys[i]) ? i + 1 : 0;
  return found ? std::optional(found) : std::nullopt;
}

Result<std::string> numericAddress(const std::string &host) {
  if (host == "localhost")
    return "127.0.0.1";
  in6_addr room{};
  std::string plain =
      host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
  if (inet_pton(AF_INET, plain.c_str(), &room) == 1 ||
      inet_pton(AF_INET6, plain.c_str(), &room) == 1)
    return plain;
  return usageError(fmt::format("--host: expected a numeric address, found '{}'", host),
                    "give one like 127.0.0.1, ::1 or 0.0.0.0");
}

bool isLoopback(std::string_view address) {
  std::string plain(address);
  in6_addr room{};
  bool isNumber = inet_pton(AF_INET, plain.c_str(), &room) == 1; // not "127.evil.example"
  return address == "::1" || (isNumber && address.starts_with("127."));
}

bool isOwnHost(std::string_view host, std::string_view address) {
  std::string_view name = withoutPort(host);
  if (name.starts_with('[') && name.ends_with(']'))
    name = name.substr(1, name.size() - 2);
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) { return char(tolower(c)); });
  return lower == "localhost" || isLoopback(lower) || lower == address;
}

bool isOwnOrigin(std::string_view origin, std::string_view host) {
  return !host.empty() && origin == "http://" + std::string(host);
}

} // namespace osscc::rt::serve
