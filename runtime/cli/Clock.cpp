#include "runtime/cli/Clock.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>

namespace osscc::rt::cli {
namespace {

constexpr int64_t kLastSecond = 253402300799; // of the year 9999

/// All of `text` as a number from 0.
std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool isWhole = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return isWhole ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> secondsOfDate(std::string_view text) {
  namespace chrono = std::chrono;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2)),
       day = number(text.substr(8, 2));
  if (!year || !month || !day)
    return std::nullopt;
  chrono::year_month_day date{chrono::year(int(*year)), chrono::month(unsigned(*month)),
                              chrono::day(unsigned(*day))};
  if (!date.ok() || *year < 1970)
    return std::nullopt;
  return chrono::sys_seconds(chrono::sys_days(date)).time_since_epoch().count();
}

} // namespace

Result<std::optional<int64_t>> pinnedClock(const std::string &date) {
  if (!date.empty()) {
    std::optional<int64_t> seconds = secondsOfDate(date);
    if (!seconds)
      return usageError(fmt::format("--date: expected a day like 2024-07-26, found '{}'", date));
    return seconds;
  }
  const char *epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (!epoch || !*epoch)
    return std::optional<int64_t>();
  std::optional<int64_t> seconds = number(epoch);
  if (!seconds || *seconds > kLastSecond)
    return usageError(
        fmt::format("SOURCE_DATE_EPOCH: expected seconds since 1970, found '{}'", epoch),
        "unset the environment variable, or give --date");
  return seconds;
}

} // namespace osscc::rt::cli
