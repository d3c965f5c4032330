#include "runtime/chat/Settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace osscc::rt::cli {
namespace {

template <class T> bool read(std::string_view text, T &value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

struct Setting {
  std::string_view name;
  bool (*change)(GenerateOptions &, std::string_view value);
  std::string (*show)(const GenerateOptions &);
};

/// A setting that is one number of the sampler.
template <auto member> constexpr Setting ofSampler(std::string_view name) {
  return {name,
          [](GenerateOptions &o, std::string_view value) { return read(value, o.sampler.*member); },
          [](const GenerateOptions &o) { return fmt::format("{}", o.sampler.*member); }};
}

bool changeLongest(GenerateOptions &options, std::string_view value) {
  int64_t count = 0;
  if (!read(value, count) || count < 0)
    return false;
  options.maxTokens = count;
  return true;
}

constexpr Setting kSettings[] = {
    ofSampler<&SamplerOptions::temperature>("temperature"),
    ofSampler<&SamplerOptions::topK>("top-k"),
    ofSampler<&SamplerOptions::topP>("top-p"),
    ofSampler<&SamplerOptions::minP>("min-p"),
    ofSampler<&SamplerOptions::repetitionPenalty>("repeat-penalty"),
    ofSampler<&SamplerOptions::seed>("seed"),
    {"max-tokens", changeLongest,
     [](const GenerateOptions &o) {
       return o.maxTokens ? fmt::format("{}", *o.maxTokens)
                          : std::string("until the context is full");
     }},
};

} // namespace

Status changeSetting(GenerateOptions &options, std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  size_t end = std::min(text.find_first_of(" \t="), text.size());
  std::string_view name = text.substr(0, end), value = text.substr(end);
  while (name.starts_with('-'))
    name.remove_prefix(1);
  // Blanks may stand on both sides of the sign, of which there may be one.
  value.remove_prefix(std::min(value.find_first_not_of(kBlank), value.size()));
  if (value.starts_with('='))
    value.remove_prefix(1);
  value.remove_prefix(std::min(value.find_first_not_of(kBlank), value.size()));
  value = value.substr(0, value.find_last_not_of(kBlank) + 1);
  const Setting *setting = std::ranges::find(kSettings, name, &Setting::name);
  if (setting == std::end(kSettings))
    return fail(Code::kInvalidArgument, fmt::format("/set: nothing is called '{}'", name),
                "/set NAME VALUE, with one of the names below");
  GenerateOptions changed = options;
  if (!setting->change(changed, value))
    return fail(Code::kInvalidArgument, fmt::format("/set {}: '{}' does not fit", name, value));
  OSSCC_RETURN_IF_ERROR(checkSampler(changed.sampler));
  options = std::move(changed);
  return {};
}

std::string describeSettings(const GenerateOptions &options) {
  std::string out;
  for (const Setting &setting : kSettings)
    out += fmt::format("{:<15} {}\n", setting.name, setting.show(options));
  return out;
}

} // namespace osscc::rt::cli
