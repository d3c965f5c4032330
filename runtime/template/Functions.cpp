// The functions that a chat template may call: jinja2's globals and Hugging Face's.
#include "runtime/template/Interpreter.h"
#include <ctime>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

/// As jinja2's MAX_RANGE.
constexpr uint64_t kMaxRange = 100000;

/// Entries by name, and those of a dict or of pairs given first.
std::vector<std::pair<Value, Value>> namedEntries(In &in, const Arguments &arguments) {
  std::vector<std::pair<Value, Value>> entries;
  auto put = [&](Value key, const Value &value) {
    in.charge(16 + entries.size());
    for (auto &entry : entries)
      if (isEqual(entry.first, key)) {
        entry.second = value;
        return;
      }
    entries.emplace_back(std::move(key), value);
  };
  if (arguments.size() > 1)
    in.fail("dict and namespace take one argument without a name");
  if (const Dict *dict = asDict(arguments[0]))
    for (auto &[key, value] : dict->entries)
      put(key, value);
  else if (arguments.size())
    for (const Value &pair : in.iterate(arguments[0])) {
      std::vector<Value> parts = in.iterate(pair);
      if (in.failed() || parts.size() != 2)
        in.fail("a dict is made of pairs");
      else
        put(parts[0], parts[1]);
    }
  for (auto &[name, value] : arguments.named)
    put(makeText(name, true), value);
  return entries;
}

Value dict(In &in, const Arguments &arguments) {
  return in.nested(makeDict(namedEntries(in, arguments)));
}

Value makeSpace(In &in, const Arguments &arguments) {
  Namespace *space = in.makeNamespace();
  for (auto &[key, value] : namedEntries(in, arguments))
    space->entries.emplace_back(toText(key)->view(), value);
  return space;
}

Value cycler(In &in, const Arguments &arguments) {
  if (!arguments.size() || !arguments.named.empty())
    return in.fail("cycler needs values");
  Cycler *made = in.makeCycler();
  made->items = arguments.values;
  return made;
}

Value joiner(In &in, const Arguments &arguments) {
  Cycler *made = in.makeCycler();
  made->isJoiner = true;
  made->items = {arguments.has(0) ? arguments[0] : makeText(", ", true)};
  return made;
}

Value raiseException(In &in, const Arguments &arguments) {
  return in.raise(toText(arguments[0])->view());
}

Value range(In &in, const Arguments &arguments) {
  for (size_t i = 0; i < 3; ++i)
    if (arguments.has(i) && !asInteger(arguments[i]))
      return in.fail(fmt::format("range() needs integers, found a {}", typeName(arguments[i])));
  int64_t first = in.integerArgument(arguments, 0, 0), stop = in.integerArgument(arguments, 1, 0);
  int64_t step = in.integerArgument(arguments, 2, 1);
  if (!arguments.has(1))
    stop = std::exchange(first, 0);
  if (step == 0)
    return in.fail("range() needs a step other than zero");
  auto made = std::make_shared<List>();
  made->kind = ListKind::kRange;
  for (int64_t at = first; step > 0 ? at < stop : at > stop;) {
    if (made->items.size() >= kMaxRange)
      return in.fail(fmt::format("range() makes more than {} values", kMaxRange));
    if (!in.charge(32))
      return Undefined{};
    made->items.push_back(at);
    if (__builtin_add_overflow(at, step, &at))
      break;
  }
  made->weight += made->items.size();
  made->text = step == 1 ? fmt::format("range({}, {})", first, stop)
                         : fmt::format("range({}, {}, {})", first, stop, step);
  return made;
}

Value strftimeNow(In &in, const Arguments &arguments) {
  std::string_view format = in.textArgument(arguments, 0);
  std::time_t seconds = in.now() ? std::time_t(*in.now()) : std::time(nullptr);
  std::tm time{};
  if (!(in.now() ? gmtime_r(&seconds, &time) : localtime_r(&seconds, &time)))
    return in.fail("the date is out of range");
  // A leading byte tells an empty result from a buffer that is too small.
  std::string pattern = " " + std::string(format);
  char buffer[512];
  size_t bytes = std::strftime(buffer, sizeof buffer, pattern.c_str(), &time);
  if (bytes == 0)
    return in.fail("the date's format is too long");
  return makeText(std::string_view(buffer + 1, bytes - 1), /*isTemplate=*/true);
}

constexpr TemplateFunction kFunctions[] = {
    {"cycler", cycler},
    {"dict", dict},
    {"joiner", joiner},
    {"namespace", makeSpace},
    {"raise_exception", raiseException},
    {"range", range},
    {"strftime_now", strftimeNow},
};

} // namespace

std::span<const TemplateFunction> templateFunctions() {
  return kFunctions;
}

} // namespace osscc::rt
