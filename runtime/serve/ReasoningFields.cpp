#include "runtime/serve/ReasoningFields.h"

#include <fmt/format.h>

#include <array>

namespace osscc::rt::serve {
namespace {

constexpr int64_t kMostThoughts = int64_t(1) << 40;
constexpr std::array<std::string_view, 6> kEfforts{"none",   "minimal", "low",
                                                   "medium", "high",    "xhigh"};
/// The mode of each: of levels that the switch does not have, the nearest.
constexpr std::array<std::string_view, 6> kModes{"off", "low", "low", "medium", "high", "high"};

struct Asked {
  std::string field, mode;
};

/// Collects what is asked for; fields that disagree are an error.
class Asking {
public:
  void add(std::string field, std::string_view mode) {
    if (asked && asked->mode != mode)
      throw ApiError{.message = fmt::format("{}: asks for reasoning '{}', but {} for '{}'", field,
                                            mode, asked->field, asked->mode),
                     .param = field,
                     .code = "invalid_value"};
    if (!asked)
      asked = {std::move(field), std::string(mode)};
  }
  void addEffort(const Fields &from, std::string_view name) {
    if (auto effort = from.word(name, kEfforts))
      add(from.pathOf(name), kModes[*effort]);
  }
  void addFlag(const Fields &from, std::string_view name) {
    if (auto on = from.flag(name)) {
      // "On" beside a level is no other mode.
      if (!(*on && asked && asked->mode != "off"))
        add(from.pathOf(name), *on ? "on" : "off");
    }
  }
  const std::optional<Asked> &result() const { return asked; }

private:
  std::optional<Asked> asked;
};

void readThinking(const Fields &request, Asking &asking) {
  constexpr std::array<std::string_view, 3> kTypes{"disabled", "enabled", "adaptive"};
  const Value *given = request.find("thinking");
  if (!given || !asDict(*given))
    return;
  auto thinking = *request.object("thinking");
  if (auto type = thinking.word("type", kTypes); type && *type < 2)
    asking.add(thinking.pathOf("type"), *type == 0 ? "off" : "on");
}

} // namespace

void chooseReasoning(const Fields &request, cli::Reasoning &mode, std::optional<int64_t> &budget) {
  Asking asking;
  asking.addEffort(request, "reasoning_effort");
  std::string budgetField;
  auto readBudget = [&](const Fields &from, std::string_view name) {
    if (auto tokens = from.integer(name, 0, kMostThoughts)) {
      budget = tokens;
      budgetField = from.pathOf(name);
    }
  };
  if (auto reasoning = request.object("reasoning")) {
    asking.addEffort(*reasoning, "effort");
    asking.addFlag(*reasoning, "enabled");
    readBudget(*reasoning, "max_tokens");
  }
  readThinking(request, asking);
  if (const Value *thinking = request.find("thinking"); thinking && asDict(*thinking))
    readBudget(*request.object("thinking"), "budget_tokens");
  if (auto more = request.object("chat_template_kwargs"); more && mode.exists()) {
    asking.addEffort(*more, "reasoning_effort");
    asking.addFlag(*more, "enable_thinking");
    asking.addFlag(*more, "thinking");
  }
  readBudget(request, "reasoning_budget");
  readBudget(request, "thinking_budget");
  if (!budgetField.empty() && !mode.exists())
    throw unsupported(budgetField, "this model has no reasoning mode");
  const auto &asked = asking.result();
  if (!asked || (!mode.exists() && asked->mode == "off"))
    return;
  if (!mode.exists())
    throw unsupported(asked->field, "this model has no reasoning mode");
  if (Status chosen = mode.choose(asked->mode); !chosen)
    throw unsupported(asked->field, chosen.error().message);
}

} // namespace osscc::rt::serve
