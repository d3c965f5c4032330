#include "runtime/cli/Arguments.h"

#include "runtime/base/NearestWord.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::cli {
namespace {

/// An argument as an option: its name with the dashes, and what is written behind it.
struct Spelled {
  std::string name, value;
  bool hasValue = false;
};

/// Whether a name can begin so. What else stands behind dashes, a line of a list or a rule, is
/// text.
bool beginsName(char letter) {
  return std::string_view("-! \t\r\n").find(letter) == std::string_view::npos;
}

bool isLong(std::string_view argument) {
  return argument.size() > 2 && argument.starts_with("--") && beginsName(argument[2]);
}

/// Of one letter; a number below zero is none.
bool isShort(std::string_view argument) {
  return argument.size() > 1 && argument[0] == '-' && beginsName(argument[1]) &&
         !(argument[1] >= '0' && argument[1] <= '9');
}

Spelled spelled(const std::string &argument) {
  if (isShort(argument)) {
    size_t begin = argument.size() > 2 && argument[2] == '=' ? 3 : 2;
    return {argument.substr(0, 2), argument.substr(begin), argument.size() > 2};
  }
  size_t sign = argument.find('=');
  if (sign == std::string::npos)
    return {argument, {}, false};
  return {argument.substr(0, sign), argument.substr(sign + 1), true};
}

/// What an argument that names no option may have been meant for.
std::unexpected<Error> unknownOption(const CLI::App &app, const std::string &argument) {
  constexpr size_t kShown = 64; // bytes of what may be a long question
  std::string name = spelled(argument).name;
  name = name.substr(0, std::min(kShown, name.find_first_of(" \t\r\n")));
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &known : option->get_lnames())
      names.push_back("--" + known);
  std::vector<std::string_view> views(names.begin(), names.end());
  std::string_view nearest = nearestWord(name, views);
  return usageError(
      fmt::format("{}: no such option{}", name,
                  nearest.empty() ? std::string() : fmt::format("; {} is near", nearest)),
      "--help lists them; put '--' before a question that begins with dashes");
}

} // namespace

Result<std::vector<std::string>> separateValues(const CLI::App &app,
                                                const std::vector<std::string> &arguments) {
  std::vector<std::string> out;
  const CLI::App *command = &app;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string &argument = arguments[i];
    if (argument == "--") {
      out.insert(out.end(), arguments.begin() + ptrdiff_t(i), arguments.end());
      break;
    }
    if (!isLong(argument) && !isShort(argument)) {
      for (const CLI::App *named : command->get_subcommands([](const CLI::App *) { return true; }))
        if (named->get_name() == argument) {
          command = named;
          break;
        }
      out.push_back(argument);
      continue;
    }
    Spelled option = spelled(argument);
    const CLI::Option *known = command->get_option_no_throw(option.name);
    if (!known)
      return unknownOption(*command, argument);
    if (known->get_items_expected_max() == 0) { // a flag
      out.push_back(argument);
      continue;
    }
    out.push_back(option.name);
    if (option.hasValue)
      out.push_back(option.value);
    else if (i + 1 < arguments.size())
      out.push_back(arguments[++i]);
  }
  return out;
}

} // namespace osscc::rt::cli
