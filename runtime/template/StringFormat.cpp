// str.format(): replacement fields with attributes, items, conversions and format specs, as the
// sandbox's formatter runs them.
#include "runtime/template/Case.h"
#include "runtime/template/Format.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

/// [[fill]align][sign][z][#][0][width][grouping][.precision][type]
class SpecReader {
public:
  SpecReader(TemplateInterpreter &in, std::string_view text) : in(in), text(text) {}

  FormatSpec read() {
    FormatSpec spec;
    size_t first = text.empty() ? 0 : codePointBytes(text, 0);
    bool hasFill = first && first < text.size() && isAlign(text[first]);
    if (hasFill) {
      spec.fill = text.substr(0, first);
      at = first;
    }
    if (at < text.size() && isAlign(text[at]))
      spec.align = text[at++];
    if (at < text.size() && std::string_view("+- ").find(text[at]) != std::string_view::npos)
      spec.sign = text[at++];
    spec.alternate = take('#');
    if (take('0')) {
      spec.zeros = true;
      if (!hasFill)
        spec.fill = "0";
    }
    spec.width = number();
    if (at < text.size() && (text[at] == ',' || text[at] == '_'))
      spec.grouping = text[at++];
    if (take('.')) {
      if (at >= text.size() || !std::isdigit(uint8_t(text[at])))
        in.fail("a format's precision is missing");
      spec.precision = number();
    }
    if (at < text.size())
      spec.type = text[at++];
    if (at < text.size())
      in.fail(fmt::format("unknown format '{}'", text));
    return spec;
  }

private:
  static bool isAlign(char c) { return c == '<' || c == '>' || c == '=' || c == '^'; }
  bool take(char c) { return at < text.size() && text[at] == c && ++at; }
  size_t number() {
    size_t value = 0;
    while (at < text.size() && std::isdigit(uint8_t(text[at])) && value <= kMaxFormatWidth)
      value = value * 10 + size_t(text[at++] - '0');
    if (value > kMaxFormatWidth)
      in.fail("a format's width is too large");
    return std::min(value, kMaxFormatWidth);
  }

  TemplateInterpreter &in;
  std::string_view text;
  size_t at = 0;
};

class Braces {
public:
  Braces(TemplateInterpreter &in, const Text &text, const Arguments &arguments)
      : in(in), text(text), view(text.view()), arguments(arguments) {}

  Value run() {
    auto result = std::make_shared<Text>();
    for (size_t at = 0; at < view.size() && !in.failed();) {
      char c = view[at];
      if (c != '{' && c != '}') {
        size_t end = std::min(view.find_first_of("{}", at), view.size());
        result->append(text, at, end);
        at = end;
      } else if (at + 1 < view.size() && view[at + 1] == c) {
        result->append(text, at, at + 1);
        at += 2;
      } else if (c == '}') {
        in.fail("a '}' of the format has no '{'");
      } else {
        size_t end = fieldEnd(at + 1);
        if (!in.failed())
          result->append(*field(view.substr(at + 1, end - at - 1), 2));
        at = end + 1;
      }
    }
    if (in.failed())
      return Undefined{};
    result->setMarkup(text.isMarkup());
    return result;
  }

private:
  /// Where the `}` of a field is that starts at `at`.
  size_t fieldEnd(size_t at) {
    unsigned level = 1;
    for (; at < view.size(); ++at) {
      level += view[at] == '{' ? 1 : view[at] == '}' ? -1 : 0;
      if (!level)
        return at;
    }
    in.fail("a '{' of the format has no '}'");
    return view.size();
  }

  /// `name!conversion:spec`; the spec may hold fields, down to `levels`.
  TextPtr field(std::string_view source, unsigned levels) {
    size_t end = 0;
    for (unsigned brackets = 0; end < source.size(); ++end) {
      brackets += source[end] == '[' ? 1 : source[end] == ']' && brackets ? -1 : 0;
      if (!brackets && (source[end] == '!' || source[end] == ':'))
        break;
    }
    Value value = lookUp(source.substr(0, end));
    source.remove_prefix(end);
    char conversion = 0;
    if (source.starts_with('!')) {
      conversion = source.size() > 1 ? source[1] : ' ';
      source.remove_prefix(std::min<size_t>(2, source.size()));
      if (conversion != 'r' && conversion != 's')
        in.fail("unsupported conversion of a format field");
    }
    std::string spec;
    if (source.starts_with(':'))
      spec = expand(source.substr(1), levels - 1);
    else if (!source.empty())
      in.fail("expected ':' behind the conversion of a format field");
    if (in.failed() || !in.charge(16 + 6 * valueWeight(value)))
      return std::make_shared<const Text>();
    if (conversion)
      value = conversion == 'r' ? makeText(reprText(value), false) : Value(toText(value));
    return show(value, spec);
  }

  /// The fields inside a spec.
  std::string expand(std::string_view spec, unsigned levels) {
    std::string result;
    for (size_t at = 0; at < spec.size() && !in.failed();) {
      if (spec[at] != '{') {
        result += spec[at++];
        continue;
      }
      size_t end = spec.find('}', at);
      if (!levels || end == spec.npos) {
        in.fail("fields of a format nest too deeply");
        break;
      }
      result += field(spec.substr(at + 1, end - at - 1), levels)->view();
      at = end + 1;
    }
    return result;
  }

  Value first(std::string_view name) {
    bool isNumber =
        !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    if (name.empty() || isNumber) {
      if (isNumber ? automatic > 0 : hasNumbers)
        return in.fail("a format numbers its fields by itself and by hand");
      hasNumbers |= isNumber;
      size_t index = automatic;
      if (!isNumber)
        ++automatic;
      else if (name.size() > 6)
        return in.fail("the format needs more arguments");
      else
        index = size_t(std::atol(std::string(name).c_str()));
      return index < arguments.size() ? arguments[index]
                                      : in.fail("the format needs more arguments");
    }
    in.charge(arguments.named.size());
    auto known = std::ranges::find(arguments.named, name, &std::pair<std::string, Value>::first);
    return known != arguments.named.end()
               ? known->second
               : in.fail(fmt::format("the format's '{}' is not there", name));
  }

  /// `name.attribute[item]...`
  Value lookUp(std::string_view path) {
    size_t end = std::min(path.find_first_of(".["), path.size());
    Value value = first(path.substr(0, end));
    path.remove_prefix(end);
    while (!path.empty() && !in.failed()) {
      bool isItem = path[0] == '[';
      path.remove_prefix(1);
      end = std::min(isItem ? path.find(']') : path.find_first_of(".["), path.size());
      std::string_view part = path.substr(0, end);
      if (part.empty() || (isItem && end == path.size()))
        return in.fail("a format's field has an empty part");
      std::optional<Value> index = isItem ? parseInteger(part, 10) : std::nullopt;
      value = isItem
                  ? in.item(value,
                            index && std::isdigit(uint8_t(part[0])) ? *index : makeText(part, true))
                  : in.attribute(value, part);
      if (isUndefined(value))
        value = Undefined{};
      path.remove_prefix(std::min(end + isItem, path.size()));
    }
    return value;
  }

  TextPtr show(const Value &value, const std::string &source) {
    FormatSpec spec = SpecReader(in, source).read();
    in.charge(4 * spec.width);
    bool isNumber = asNumber(value) && !(as<bool>(value) && source.empty());
    if (in.failed())
      return std::make_shared<const Text>();
    if (isNumber && (as<double>(value) || !source.empty()))
      return std::make_shared<const Text>(formatNumber(in, value, spec), false);
    TextPtr shown = toText(value);
    if (text.isMarkup())
      shown = std::make_shared<const Text>(escapeMarkup(*shown));
    if (source.empty())
      return shown;
    if (!asText(value) || (spec.type && spec.type != 's') || spec.align == '=' || spec.grouping ||
        spec.sign != '-' || spec.alternate)
      in.fail(fmt::format("unsupported format '{}' for a {}", source, typeName(value)));
    return padText(shown, spec, '<');
  }

  TemplateInterpreter &in;
  const Text &text;
  std::string_view view;
  const Arguments &arguments;
  size_t automatic = 0;
  bool hasNumbers = false;
};

} // namespace

Value formatBraces(TemplateInterpreter &in, const Text &text, const Arguments &arguments) {
  if (!in.charge(2 * text.size() + 16))
    return Undefined{};
  return Braces(in, text, arguments).run();
}

} // namespace osscc::rt
