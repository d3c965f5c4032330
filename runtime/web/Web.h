// The page that `assistant serve` has at "/": files that the build has put into the runtime.
#pragma once

#include <span>
#include <string_view>

namespace osscc::rt {

struct WebFile {
  std::string_view type; ///< For Content-Type.
  std::string_view bytes;
};

/// The file of a request's path, "/" or "/chat.js", without its query; none: there is no such.
/// Whoever may connect may read it: it holds no secret.
const WebFile *webFile(std::string_view path);

/// The paths of all files, "/" among them.
std::span<const std::string_view> webPaths();

/// What the page may do: run, show and ask what comes from its own server, and nothing else. For
/// the header Content-Security-Policy of each of its files; Referrer-Policy no-referrer and
/// X-Content-Type-Options nosniff belong to it.
inline constexpr std::string_view kWebPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

} // namespace osscc::rt
