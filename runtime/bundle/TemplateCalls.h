// What a chat template may call by name: filters, tests and functions, with the parameters that
// each takes in order. The compiler checks names and arguments by these tables, the renderer binds
// arguments by them; a program holds an entry's place in its table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace osscc {

struct TemplateCallable {
  std::string_view name;
  unsigned required;           ///< How many arguments must be given.
  std::string_view parameters; ///< Names, separated by spaces; `...` takes any arguments.
};

/// In the order of their names, so that a name is found by halving.
inline constexpr TemplateCallable kTemplateFilters[] = {
    {"abs", 0, ""},
    {"attr", 1, "name"},
    {"batch", 1, "linecount fill_with"},
    {"capitalize", 0, ""},
    {"center", 0, "width"},
    {"count", 0, ""},
    {"d", 0, "default_value boolean"},
    {"default", 0, "default_value boolean"},
    {"dictsort", 0, "case_sensitive by reverse"},
    {"e", 0, ""},
    {"escape", 0, ""},
    {"filesizeformat", 0, "binary"},
    {"first", 0, ""},
    {"float", 0, "default"},
    {"forceescape", 0, ""},
    {"format", 0, "..."},
    {"from_json", 0, ""},
    {"groupby", 1, "attribute default case_sensitive"},
    {"indent", 0, "width first blank"},
    {"int", 0, "default base"},
    {"items", 0, ""},
    {"join", 0, "d attribute"},
    {"last", 0, ""},
    {"length", 0, ""},
    {"list", 0, ""},
    {"lower", 0, ""},
    {"map", 0, "..."},
    {"max", 0, "case_sensitive attribute"},
    {"min", 0, "case_sensitive attribute"},
    {"pprint", 0, ""},
    {"reject", 0, "..."},
    {"rejectattr", 0, "..."},
    {"replace", 2, "old new count"},
    {"reverse", 0, ""},
    {"round", 0, "precision method"},
    {"safe", 0, ""},
    {"select", 0, "..."},
    {"selectattr", 0, "..."},
    {"slice", 1, "slices fill_with"},
    {"sort", 0, "reverse case_sensitive attribute"},
    {"string", 0, ""},
    {"striptags", 0, ""},
    {"sum", 0, "attribute start"},
    {"title", 0, ""},
    {"tojson", 0, "ensure_ascii indent separators sort_keys"},
    {"trim", 0, "chars"},
    {"truncate", 0, "length killwords end leeway"},
    {"unique", 0, "case_sensitive attribute"},
    {"upper", 0, ""},
    {"urlencode", 0, ""},
    {"urlize", 0, "trim_url_limit nofollow target rel extra_schemes"},
    {"wordcount", 0, ""},
    {"wordwrap", 0, "width break_long_words wrapstring break_on_hyphens"},
    {"xmlattr", 0, "autospace"},
};

inline constexpr TemplateCallable kTemplateTests[] = {
    {"!=", 1, "other"},
    {"<", 1, "other"},
    {"<=", 1, "other"},
    {"==", 1, "other"},
    {">", 1, "other"},
    {">=", 1, "other"},
    {"boolean", 0, ""},
    {"callable", 0, ""},
    {"defined", 0, ""},
    {"divisibleby", 1, "num"},
    {"eq", 1, "other"},
    {"equalto", 1, "other"},
    {"escaped", 0, ""},
    {"even", 0, ""},
    {"false", 0, ""},
    {"filter", 0, ""},
    {"float", 0, ""},
    {"ge", 1, "other"},
    {"greaterthan", 1, "other"},
    {"gt", 1, "other"},
    {"in", 1, "seq"},
    {"integer", 0, ""},
    {"iterable", 0, ""},
    {"le", 1, "other"},
    {"lessthan", 1, "other"},
    {"lower", 0, ""},
    {"lt", 1, "other"},
    {"mapping", 0, ""},
    {"ne", 1, "other"},
    {"none", 0, ""},
    {"number", 0, ""},
    {"odd", 0, ""},
    {"sameas", 1, "other"},
    {"sequence", 0, ""},
    {"string", 0, ""},
    {"test", 0, ""},
    {"true", 0, ""},
    {"undefined", 0, ""},
    {"upper", 0, ""},
};

inline constexpr TemplateCallable kTemplateFunctions[] = {
    {"cycler", 0, "..."},
    {"dict", 0, "..."},
    {"joiner", 0, "sep"},
    {"namespace", 0, "..."},
    {"raise_exception", 1, "message"},
    {"range", 1, "start stop step"},
    {"strftime_now", 1, "format"},
};

/// What jinja2 or Python have and osscc has not: refused by name.
inline constexpr std::string_view kUnsupportedTemplateFilters[] = {"random"};
inline constexpr std::string_view kUnsupportedTemplateFunctions[] = {"lipsum"};
inline constexpr std::string_view kUnsupportedTemplateMethods[] = {
    "as_integer_ratio", "encode", "fromhex", "from_bytes", "maketrans", "to_bytes", "translate"};

/// The entry of this name, or null.
template <size_t N>
constexpr const TemplateCallable *findTemplateCallable(const TemplateCallable (&table)[N],
                                                       std::string_view name) {
  const TemplateCallable *entry =
      std::lower_bound(std::begin(table), std::end(table), name,
                       [](const TemplateCallable &a, std::string_view b) { return a.name < b; });
  return entry != std::end(table) && entry->name == name ? entry : nullptr;
}

} // namespace osscc
