#include "runtime/web/Web.h"

#include <algorithm>
#include <array>
#include <utility>

namespace osscc::rt {
namespace {

struct Embedded {
  std::string_view name, bytes;
};

constexpr Embedded kFiles[] = {
#include "runtime/web/Files.inc"
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTypes{
    {{".html", "text/html; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".svg", "image/svg+xml"}}};

constexpr auto kByPath = [] {
  std::array<WebFile, std::size(kFiles)> all{};
  for (size_t i = 0; i < all.size(); ++i)
    for (auto [ending, type] : kTypes)
      if (kFiles[i].name.ends_with(ending))
        all[i] = {type, kFiles[i].bytes};
  return all;
}();

constexpr auto kPaths = [] {
  std::array<std::string_view, std::size(kFiles) + 1> all{"/"};
  for (size_t i = 0; i < std::size(kFiles); ++i)
    all[i + 1] = kFiles[i].name;
  return all;
}();

} // namespace

std::span<const std::string_view> webPaths() {
  return kPaths;
}

const WebFile *webFile(std::string_view path) {
  const auto *file = std::ranges::find(kFiles, path == "/" ? "/index.html" : path, &Embedded::name);
  return file == std::end(kFiles) ? nullptr : &kByPath[size_t(file - kFiles)];
}

} // namespace osscc::rt
