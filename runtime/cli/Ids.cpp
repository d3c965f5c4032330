// Token ids as JSON, in and out.
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace osscc::rt::cli {

Result<std::vector<int32_t>> parseIds(std::string_view json, std::string_view where,
                                      int64_t vocabulary) {
  constexpr const char *kHelp = "give token ids like [1, 2, 3], as `tokenize` prints them";
  boost::system::error_code error;
  boost::json::value value = boost::json::parse({json.data(), json.size()}, error);
  if (error)
    return fail(Code::kInvalidArgument,
                fmt::format("{}: expected a JSON array: {}", where, error.message()), kHelp);
  if (!value.is_array())
    return fail(Code::kInvalidArgument, fmt::format("{}: expected a JSON array", where), kHelp);
  std::vector<int32_t> ids;
  for (const boost::json::value &item : value.get_array()) {
    const int64_t *id = item.if_int64();
    if (!id || *id < 0 || *id >= vocabulary)
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: item {}: expected an id from 0 to {}, found {}", where,
                              ids.size(), vocabulary - 1,
                              std::string_view(boost::json::serialize(item)).substr(0, 40)),
                  kHelp);
    ids.push_back(int32_t(*id));
  }
  return ids;
}

std::string formatIds(std::span<const int32_t> ids) {
  return fmt::format("[{}]", fmt::join(ids, ","));
}

} // namespace osscc::rt::cli
