// Paths and files: Linux' Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/. A container sees
// its own group at the mount, or the whole tree, so every folder from the group's path up to the
// mount is looked at.
#include "runtime/device/ControlGroups.h"

#include "runtime/base/File.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>

namespace osscc::rt {
namespace {

using Limit = std::optional<int64_t>;
/// The limit that a group's folder sets, or what is left of it.
using ReadLimit = std::function<Limit(const std::string &folder)>;

/// Takes the part before `separator` off `text`.
std::string_view takePart(std::string_view &text, char separator) {
  std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// A count; "max" and -1 are no limit.
Limit count(std::string_view text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0)
    return std::nullopt;
  return number;
}

Limit countIn(const std::string &path) {
  auto text = readAll(path);
  return text ? count(*text) : std::nullopt;
}

Limit smaller(Limit a, Limit b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

/// The smallest limit on the way from the group `path` up to `mount`.
Limit smallestUpwards(const std::string &mount, std::string_view path, const ReadLimit &read) {
  Limit smallest;
  while (true) {
    while (path.ends_with('/'))
      path.remove_suffix(1);
    smallest = smaller(smallest, read(mount + std::string(path)));
    if (path.empty())
      return smallest;
    path = path.substr(0, path.rfind('/') + 1);
  }
}

bool hasController(std::string_view controllers, std::string_view controller) {
  while (!controllers.empty())
    if (takePart(controllers, ',') == controller)
      return true;
  return false;
}

/// The smallest limit of the groups that /proc/self/cgroup names, a line each:
/// "4:cpu,cpuacct:/path", in version 2 "0::/path".
Limit smallestOfGroups(const std::string &root, std::string_view controller, const ReadLimit &one,
                       const ReadLimit &two) {
  const std::string mounts = root + "/sys/fs/cgroup";
  std::string groups = readAll(root + "/proc/self/cgroup").value_or("0::/");
  Limit smallest;
  for (std::string_view rest = groups; !rest.empty();) {
    std::string_view line = takePart(rest, '\n');
    takePart(line, ':'); // the hierarchy's number
    std::string_view controllers = takePart(line, ':');
    if (controllers.empty())
      smallest = smaller(smallest, smallestUpwards(mounts, line, two));
    else if (hasController(controllers, controller))
      smallest =
          smaller(smallest, smallestUpwards(mounts + "/" + std::string(controllers), line, one));
  }
  return smallest;
}

/// Bytes of files that a group's memory.stat counts and that can be dropped. `prefix` stands before
/// the numbers that count the groups inside too.
int64_t droppable(const std::string &folder, std::string_view prefix) {
  auto text = readAll(folder + "/memory.stat");
  int64_t sum = 0;
  for (std::string_view lines = text ? *text : std::string_view(); !lines.empty();) {
    std::string_view line = takePart(lines, '\n'), name = takePart(line, ' ');
    if (!name.starts_with(prefix))
      continue;
    name.remove_prefix(prefix.size());
    if (name == "inactive_file" || name == "active_file")
      if (__builtin_add_overflow(sum, count(line).value_or(0), &sum))
        return INT64_MAX;
  }
  return sum;
}

Limit rest(Limit limit, Limit used, const std::string &folder, std::string_view prefix) {
  if (!limit)
    return std::nullopt;
  int64_t kept = std::max<int64_t>(used.value_or(0) - droppable(folder, prefix), 0);
  return std::max<int64_t>(*limit - kept, 0);
}

Limit wholeCpus(Limit quota, Limit period) {
  if (!quota || !period || *period == 0)
    return std::nullopt;
  return std::max<int64_t>(*quota / *period, 1);
}

} // namespace

std::optional<int64_t> groupCpus(const std::string &root) {
  return smallestOfGroups(
      root, "cpu",
      [](const std::string &folder) {
        return wholeCpus(countIn(folder + "/cpu.cfs_quota_us"),
                         countIn(folder + "/cpu.cfs_period_us"));
      },
      [](const std::string &folder) -> Limit {
        auto text = readAll(folder + "/cpu.max");
        if (!text)
          return std::nullopt;
        std::string_view rest = *text;
        Limit quota = count(takePart(rest, ' '));
        return wholeCpus(quota, count(rest));
      });
}

std::optional<int64_t> groupMemory(const std::string &root) {
  return smallestOfGroups(
      root, "memory",
      [](const std::string &folder) {
        return rest(countIn(folder + "/memory.limit_in_bytes"),
                    countIn(folder + "/memory.usage_in_bytes"), folder, "total_");
      },
      [](const std::string &folder) {
        return rest(smaller(countIn(folder + "/memory.max"), countIn(folder + "/memory.high")),
                    countIn(folder + "/memory.current"), folder, "");
      });
}

} // namespace osscc::rt
