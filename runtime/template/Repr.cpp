// Values of the template renderer as text: str(), repr() and repr(float) of Python.
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Value.h"
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

void repr(std::string &out, const Value &value);

void quotePython(std::string &out, std::string_view text) {
  char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  out += quote;
  for (size_t at = 0; at < text.size();) {
    size_t bytes = codePointBytes(text, at);
    uint32_t code = codePointAt(text, at);
    static constexpr std::string_view from = "\\\n\r\t", to = "\\nrt";
    if (size_t known = code < 128 ? from.find(char(code)) : from.npos; known != from.npos)
      out += {'\\', to[known]};
    else if (code == uint32_t(quote))
      out += {'\\', quote};
    else if (isPrintableCharacter(code))
      out += text.substr(at, bytes);
    else
      out += code < 0x100     ? fmt::format("\\x{:02x}", code)
             : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                              : fmt::format("\\U{:08x}", code);
    at += bytes;
  }
  out += quote;
}

void reprList(std::string &out, const List &list) {
  static constexpr std::string_view open[] = {
      "[", "(", "range(", "dict_items([", "dict_keys([", "dict_values(["};
  static constexpr std::string_view close[] = {"]", ")", ")", "])", "])", "])"};
  if (list.kind == ListKind::kGenerator) {
    out += "<generator object>";
    return;
  }
  if (list.kind == ListKind::kRange) {
    out += list.text;
    return;
  }
  out += open[size_t(list.kind)];
  for (size_t i = 0; i < list.items.size(); ++i) {
    out += i ? ", " : "";
    repr(out, list.items[i]);
  }
  out += list.kind == ListKind::kTuple && list.items.size() == 1 ? "," : "";
  out += close[size_t(list.kind)];
}

void reprEntries(std::string &out, const Dict &dict) {
  out += '{';
  for (size_t i = 0; i < dict.entries.size(); ++i) {
    out += i ? ", " : "";
    repr(out, dict.entries[i].first);
    out += ": ";
    repr(out, dict.entries[i].second);
  }
  out += '}';
}

/// What jinja2's own objects and functions print; addresses, which Python prints, are left out.
void reprObject(std::string &out, const Value &value) {
  if (as<Namespace *>(value)) {
    out += "<Namespace>";
  } else if (Loop *const *loop = as<Loop *>(value)) {
    out += fmt::format("<LoopContext {}/{}>", (*loop)->index + 1, (*loop)->items.size());
  } else if (const Callable *callable = asCallable(value)) {
    bool isMacro = callable->kind == Callable::Kind::kMacro;
    out += isMacro && callable->name == "caller" ? "<Macro anonymous>"
           : isMacro                             ? fmt::format("<Macro '{}'>", callable->name)
           : callable->name == "range"           ? "<class 'range'>"
           : callable->name == "dict"            ? "<class 'dict'>"
           : callable->name == "namespace"       ? "<class 'jinja2.utils.Namespace'>"
                                                 : fmt::format("<function {}>", callable->name);
  } else {
    out += fmt::format("<{}>", typeName(value));
  }
}

void repr(std::string &out, const Value &value) {
  if (const Text *text = asText(value)) {
    if (text->isMarkup())
      out += "Markup(";
    quotePython(out, text->view());
    if (text->isMarkup())
      out += ')';
  } else if (const List *list = asList(value)) {
    reprList(out, *list);
  } else if (const Dict *dict = asDict(value)) {
    reprEntries(out, *dict);
  } else if (const bool *boolean = as<bool>(value)) {
    out += *boolean ? "True" : "False";
  } else if (isInteger(value)) {
    out += integerText(value);
  } else if (const double *number = as<double>(value)) {
    out += floatText(*number);
  } else if (isUndefined(value) || isNone(value)) {
    out += isNone(value) ? "None" : "Undefined";
  } else {
    reprObject(out, value);
  }
}

} // namespace

std::string floatText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[400];
  auto shortest = std::to_chars(buffer, std::end(buffer), value, std::chars_format::scientific);
  std::string text(buffer, shortest.ptr);
  int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  if (value != 0 && (exponent < -4 || exponent >= 16))
    return text;
  auto fixed = std::to_chars(buffer, std::end(buffer), value, std::chars_format::fixed);
  text.assign(buffer, fixed.ptr);
  return text.find('.') == text.npos ? text + ".0" : text;
}

std::string reprText(const Value &value) {
  std::string out;
  repr(out, value);
  return out;
}

TextPtr toText(const Value &value) {
  if (const TextPtr *text = as<TextPtr>(value))
    return *text;
  std::string out;
  if (!isUndefined(value))
    repr(out, value);
  return std::make_shared<const Text>(out, /*isTemplate=*/false);
}

} // namespace osscc::rt
