#include "runtime/schema/Uri.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace osscc::rt::schema {
namespace {

struct Parts {
  std::string_view scheme, authority, path, query; ///< With their marks: "http:", "//a", "?q".

  explicit Parts(std::string_view uri) {
    uri = uri.substr(0, uri.find('#'));
    size_t colon = uri.find_first_of(":/?");
    if (colon != uri.npos && uri[colon] == ':' && colon > 0)
      take(uri, colon + 1, scheme);
    if (uri.starts_with("//"))
      take(uri, std::min(uri.find_first_of("/?", 2), uri.size()), authority);
    take(uri, std::min(uri.find('?'), uri.size()), path);
    query = uri;
  }

private:
  static void take(std::string_view &uri, size_t bytes, std::string_view &part) {
    part = uri.substr(0, bytes);
    uri.remove_prefix(bytes);
  }
};

std::string withoutDots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool isRooted = path.starts_with('/'), endsInSlash = false;
  for (size_t at = isRooted ? 1 : 0; at <= path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string_view part = path.substr(at, end - at);
    endsInSlash = part == "." || part == "..";
    if (part == ".." && !kept.empty())
      kept.pop_back();
    else if (!endsInSlash)
      kept.push_back(part);
    at = end + 1;
  }
  std::string out(isRooted ? "/" : "");
  for (size_t i = 0; i < kept.size(); ++i)
    out.append(i > 0 ? "/" : "").append(kept[i]);
  if (endsInSlash && !out.ends_with('/'))
    out += '/';
  return out;
}

std::string joinUri(std::string_view scheme, std::string_view authority, std::string_view path,
                    std::string_view query) {
  return std::string(scheme).append(authority).append(path).append(query);
}

} // namespace

std::string resolveUri(std::string_view base, std::string_view reference) {
  Parts from(base), to(reference);
  if (!to.scheme.empty() || base.empty())
    return joinUri(to.scheme, to.authority, to.path, to.query);
  if (!to.authority.empty())
    return joinUri(from.scheme, to.authority, withoutDots(to.path), to.query);
  if (to.path.empty())
    return joinUri(from.scheme, from.authority, from.path,
                   to.query.empty() ? from.query : to.query);
  if (to.path.starts_with('/'))
    return joinUri(from.scheme, from.authority, withoutDots(to.path), to.query);
  std::string folder(from.path.substr(0, from.path.rfind('/') + 1));
  if (folder.empty() && !from.authority.empty())
    folder = "/";
  return joinUri(from.scheme, from.authority, withoutDots(folder.append(to.path)), to.query);
}

std::string fragmentOf(std::string_view reference) {
  size_t mark = reference.find('#');
  if (mark == reference.npos)
    return {};
  reference.remove_prefix(mark + 1);
  std::string out;
  for (size_t i = 0; i < reference.size(); ++i) {
    unsigned value = 0;
    const char *digits = reference.data() + i + 1;
    if (reference[i] == '%' && i + 2 < reference.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += char(value);
      i += 2;
    } else {
      out += reference[i];
    }
  }
  return out;
}

} // namespace osscc::rt::schema
