#include "compiler/import/template/ReasoningSwitch.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <set>

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kLevels[] = {"low", "medium", "high"};
constexpr StringLiteral kOffValues[] = {"off", "none", "no_think", "nothink", "disabled"};
constexpr StringLiteral kOnValues[] = {"on", "enabled"};
constexpr StringLiteral kOffWords[] = {"/no_think", "/nothink"};
constexpr StringLiteral kOnWord = "/think";

/// What a mode asks, and the prompt that comes of it.
struct Choice {
  json::Object variables;
  std::string word, prefill, prompt;
};

class Finder {
public:
  Finder(const TemplateProbe &probe, ArrayRef<std::string> strings, const ReasoningTags *tags,
         StringRef answer)
      : probe(probe), strings(strings), tags(tags), answer(answer) {}

  ReasoningSwitch run();

private:
  std::optional<Choice> choose(json::Object variables, StringRef word = {}) const;
  std::optional<Choice> choose(StringRef name, json::Value value) const {
    return choose(json::Object{{name, std::move(value)}});
  }
  std::vector<StringRef> candidates() const;
  bool isLevel(StringRef name) const;
  bool closes(const Choice &choice) const;
  bool has(StringRef text) const { return is_contained(strings, text); }
  void findFlag();
  void findBudget();
  void findValues();
  void findWords();
  void findLevels();
  void closeOff();
  void openOn();
  std::vector<std::string> variables() const;
  std::string usual() const;
  std::unique_ptr<bundle::ReasoningModeT> describe(StringRef name, const Choice &choice) const;

  const TemplateProbe &probe;
  ArrayRef<std::string> strings;
  const ReasoningTags *tags;
  StringRef answer;
  Choice base;
  std::vector<StringRef> names;
  std::optional<Choice> off, on;
  std::map<StringRef, Choice> levels;
};

/// The prompt of one question. A word behind it is taken out again where it shows.
std::optional<Choice> Finder::choose(json::Object variables, StringRef word) const {
  std::string spaced = word.empty() ? std::string() : " " + word.str();
  json::Object request(variables);
  request["messages"] =
      json::Array{json::Object{{"role", "user"}, {"content", "osscc-question" + spaced}}};
  request["add_generation_prompt"] = true;
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(request));
  std::optional<std::string> prompt = probe.render(text);
  if (!prompt)
    return std::nullopt;
  size_t at = spaced.empty() ? std::string::npos : prompt->find(spaced);
  if (at != std::string::npos)
    prompt->erase(at, spaced.size());
  return Choice{std::move(variables), std::move(spaced), {}, std::move(*prompt)};
}

/// Names of the program that tell of thinking, the usual ones first.
std::vector<StringRef> Finder::candidates() const {
  std::vector<StringRef> found;
  for (StringRef name : strings)
    if (all_of(name, [](char c) { return isAlnum(c) || c == '_'; }) && name.size() < 64 &&
        (name.contains("think") || name.contains("reason") || name.contains("effort")))
      found.push_back(name);
  auto rank = [](StringRef name) {
    constexpr StringLiteral kUsual[] = {"enable_thinking", "thinking", "reasoning"};
    return std::pair(find(kUsual, name) - std::begin(kUsual), name);
  };
  sort(found, [&](StringRef a, StringRef b) { return rank(a) < rank(b); });
  constexpr size_t kMost = 16; // a template is untrusted, and each name costs some renderings
  found.resize(std::min(found.size(), kMost));
  return found;
}

bool Finder::isLevel(StringRef name) const {
  std::optional<Choice> low = choose(name, "low"), high = choose(name, "high");
  return low && high && low->prompt != high->prompt;
}

/// Whether a prompt ends behind the thoughts.
bool Finder::closes(const Choice &choice) const {
  return tags && StringRef(choice.prompt).rtrim().ends_with(tags->end);
}

/// A variable that is true or false: `enable_thinking`.
void Finder::findFlag() {
  for (StringRef name : names) {
    std::optional<Choice> yes = choose(name, true), no = choose(name, false);
    if (name.contains("budget") || !yes || !no || yes->prompt == no->prompt || isLevel(name))
      continue;
    on = std::move(yes);
    off = std::move(no);
    return;
  }
}

/// A number of tokens to think at most: `thinking_budget`.
void Finder::findBudget() {
  for (StringRef name : names) {
    std::optional<Choice> none = name.contains("budget") ? choose(name, 0) : std::nullopt;
    if (!off && none && closes(*none))
      off = std::move(none);
  }
}

/// A variable with a word for off that the template compares it with: `thinking_mode`.
void Finder::findValues() {
  for (StringRef name : names)
    for (StringRef value : kOffValues) {
      std::optional<Choice> no = has(value) ? choose(name, value) : std::nullopt;
      if (off || !no || !closes(*no) || (no->prompt == base.prompt && !isLevel(name)))
        continue;
      off = std::move(no);
      for (StringRef other : kOnValues)
        if (std::optional<Choice> yes = has(other) ? choose(name, other) : std::nullopt;
            yes && !closes(*yes))
          on = std::move(yes);
    }
}

/// Words of a message that the template looks for: `/no_think`.
void Finder::findWords() {
  for (StringRef word : kOffWords) {
    std::optional<Choice> no = !off && has(word) ? choose({}, word) : std::nullopt;
    if (!no || no->prompt == base.prompt)
      continue;
    off = std::move(no);
    if (has(kOnWord))
      on = choose({}, kOnWord);
  }
}

void Finder::findLevels() {
  for (StringRef name : names) {
    if (!levels.empty() || !isLevel(name))
      continue;
    for (StringRef level : kLevels) {
      json::Object variables = on ? on->variables : json::Object();
      variables[name] = level;
      std::optional<Choice> choice = choose(std::move(variables));
      if (choice && !closes(*choice))
        levels[level] = std::move(*choice);
    }
  }
}

/// Makes `off` a prompt behind which the answer begins.
void Finder::closeOff() {
  if (off && !(tags && opensReasoning(off->prompt, *tags)))
    return;
  off = !tags && levels.contains("low") ? levels["low"] : base;
  StringRef prompt = off->prompt;
  if (!tags)
    off->prefill = answer.str();
  else if (opensReasoning(prompt, *tags))
    off->prefill = (prompt.ends_with("\n") ? "" : "\n") + ("\n" + tags->end + "\n\n");
  else if (!closes(base))
    off->prefill = tags->begin + "\n\n" + tags->end + "\n\n";
}

/// Makes `on` the level that the template takes by itself, else the middle one.
void Finder::openOn() {
  if (std::string level = usual(); levels.contains(level))
    on = levels[level];
  if (on)
    return;
  on = base;
  for (StringRef level : {"low", "high", "medium"})
    if (levels.contains(level) && closes(base))
      on = levels[level];
}

std::string Finder::usual() const {
  for (auto &[name, choice] : levels)
    if (choice.prompt == base.prompt)
      return name.str();
  if (on && on->prompt == base.prompt)
    return "on";
  return off && off->prefill.empty() && off->prompt == base.prompt ? "off" : "";
}

std::unique_ptr<bundle::ReasoningModeT> Finder::describe(StringRef name,
                                                         const Choice &choice) const {
  auto mode = std::make_unique<bundle::ReasoningModeT>();
  mode->name = name.str();
  if (!choice.variables.empty())
    raw_string_ostream(mode->variables) << json::Value(json::Object(choice.variables));
  mode->word = choice.word;
  mode->prefill = choice.prefill;
  return mode;
}

/// Names of all variables that a mode sets, in their order.
std::vector<std::string> Finder::variables() const {
  std::set<std::string> found;
  auto take = [&](const Choice &choice) {
    for (const auto &[name, value] : choice.variables)
      found.insert(name.str());
  };
  take(*off);
  take(*on);
  for (const auto &[level, choice] : levels)
    take(choice);
  return {found.begin(), found.end()};
}

ReasoningSwitch Finder::run() {
  std::optional<Choice> plain = choose({});
  if (!plain)
    return {};
  base = std::move(*plain);
  names = candidates();
  findFlag();
  findBudget();
  if (!off)
    findValues();
  if (!off)
    findWords();
  findLevels();
  closeOff();
  openOn();
  ReasoningSwitch result;
  result.usual = usual();
  result.modes.push_back(describe("off", *off));
  result.modes.push_back(describe("on", *on));
  for (StringRef level : kLevels)
    result.modes.push_back(describe(level, levels.contains(level) ? levels[level] : *on));
  result.variables = variables();
  return result;
}

} // namespace

ReasoningSwitch findReasoningSwitch(const TemplateProbe &probe, ArrayRef<std::string> strings,
                                    const ReasoningTags *tags, StringRef answer) {
  return Finder(probe, strings, tags, answer).run();
}

} // namespace osscc
