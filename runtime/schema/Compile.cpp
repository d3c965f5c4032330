#include "runtime/schema/Constraint.h"
#include "runtime/schema/Sealer.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

constexpr size_t kMostBytes = 1 << 20;

std::unexpected<Error> refused(std::string_view path, std::string_view what) {
  return fail(Code::kInvalidArgument, fmt::format("schema {}: {}", path.empty() ? "#" : path, what),
              "docs/user-guide.md lists what of JSON Schema is supported");
}

} // namespace

Result<Schema> compileSchema(std::string_view text) {
  schema::Budget budget;
  return compileSchema(text, budget);
}

Result<Schema> compileSchema(std::string_view text, schema::Budget &budget) {
  if (text.size() > kMostBytes)
    return refused(
        "#", fmt::format("{} bytes are more than the {} that are read", text.size(), kMostBytes));
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 2 * 64;
  boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error)
    return refused("#", fmt::format("it is no JSON: {}", error.message()));
  try {
    schema::Document document(value);
    schema::Expander expander(document, budget);
    schema::Sealer sealer(expander, budget);
    auto machine = std::make_shared<schema::Machine>(sealer.seal({expander.root()}));
    return machine;
  } catch (const schema::Refusal &refusal) {
    return refused(refusal.path, refusal.what());
  }
}

} // namespace osscc::rt
