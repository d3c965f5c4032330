#include "runtime/device/Memory.h"

#include "runtime/base/File.h"
#include "runtime/device/ControlGroups.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace osscc::rt {
namespace {

/// The number that `text` begins with, behind spaces.
std::optional<int64_t> leadingNumber(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0)
    return std::nullopt;
  return number;
}

std::optional<int64_t> systemMemory(const std::string &root) {
  constexpr std::string_view kKey = "MemAvailable:";
  auto text = readAll(root + "/proc/meminfo");
  size_t at = text ? text->find(kKey) : std::string::npos;
  if (at == std::string::npos)
    return std::nullopt;
  auto kibibytes = leadingNumber(std::string_view(*text).substr(at + kKey.size()));
  if (!kibibytes || *kibibytes > INT64_MAX / 1024)
    return std::nullopt;
  return *kibibytes * 1024;
}

} // namespace

std::optional<int64_t> availableMemory(const std::string &root) {
  std::optional<int64_t> system = systemMemory(root), group = groupMemory(root);
  if (system && group)
    return std::min(*system, *group);
  return system ? system : group;
}

std::string noticeOfWeights(uint64_t bytes, std::optional<int64_t> available) {
  if (!available || bytes <= uint64_t(std::max<int64_t>(*available, 0)))
    return {};
  return fmt::format("the weights take {:.1f} MB, {:.1f} MB of memory are available: what does not "
                     "fit is read from the disk whenever it is needed",
                     double(bytes) / 1e6, double(std::max<int64_t>(*available, 0)) / 1e6);
}

} // namespace osscc::rt
