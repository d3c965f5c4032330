// Values of the template renderer as text: str(), repr(), repr(float) and json.dumps() of Python.
#include "runtime/template/Value.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

uint32_t decode(std::string_view text, size_t at, size_t bytes) {
  uint32_t code = uint8_t(text[at]);
  if (bytes > 1) {
    code &= 0x7f >> bytes;
    for (size_t i = 1; i < bytes; ++i)
      code = code << 6 | (text[at + i] & 0x3f);
  }
  return code;
}

/// A JSON string in quotes; `ascii` writes all others as \u escapes.
void quoteJson(std::string &out, std::string_view text, bool ascii) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    size_t bytes = codePointBytes(text, at);
    uint32_t code = decode(text, at, bytes);
    static constexpr std::string_view from = "\"\\\n\r\t\f\b", to = "\"\\nrtfb";
    if (size_t known = code < 128 ? from.find(char(code)) : from.npos; known != from.npos)
      out += {'\\', to[known]};
    else if (code < 0x20 || (ascii && code >= 0x7f && code < 0x10000))
      out += fmt::format("\\u{:04x}", code);
    else if (ascii && bytes > 1)
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10),
                         0xdc00 + ((code - 0x10000) & 0x3ff));
    else
      out += text.substr(at, bytes);
    at += bytes;
  }
  out += '"';
}

/// Whether repr() writes the character itself. Exact for the planes' common characters; what
/// Unicode leaves unassigned is taken as printable.
bool isPrintable(uint32_t code) {
  return (code >= 0x20 && code < 0x7f) ||
         (code > 0xa0 && code != 0xad && code != 0x1680 && !(code >= 0x2000 && code <= 0x200f) &&
          !(code >= 0x2028 && code <= 0x202f) && !(code >= 0x205f && code <= 0x206f) &&
          code != 0x3000 && !(code >= 0xe000 && code <= 0xf8ff) && code != 0xfeff &&
          code < 0xe0000);
}

void quotePython(std::string &out, std::string_view text) {
  char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  out += quote;
  for (size_t at = 0; at < text.size();) {
    size_t bytes = codePointBytes(text, at);
    uint32_t code = decode(text, at, bytes);
    static constexpr std::string_view from = "\\\n\r\t", to = "\\nrt";
    if (size_t known = code < 128 ? from.find(char(code)) : from.npos; known != from.npos)
      out += {'\\', to[known]};
    else if (code == uint32_t(quote))
      out += {'\\', quote};
    else if (isPrintable(code))
      out += text.substr(at, bytes);
    else
      out += code < 0x100     ? fmt::format("\\x{:02x}", code)
             : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                              : fmt::format("\\U{:08x}", code);
    at += bytes;
  }
  out += quote;
}

void repr(std::string &out, const Value &value) {
  if (const Text *text = asText(value))
    return quotePython(out, text->view());
  if (const List *list = asList(value)) {
    static constexpr std::string_view open[] = {"[", "(", "dict_items([", "dict_keys([",
                                                "dict_values(["};
    static constexpr std::string_view close[] = {"]", ")", "])", "])", "])"};
    if (list->kind == ListKind::kGenerator) {
      out += "<generator object>";
      return;
    }
    out += open[size_t(list->kind)];
    for (size_t i = 0; i < list->items.size(); ++i) {
      out += i ? ", " : "";
      repr(out, list->items[i]);
    }
    out += list->kind == ListKind::kTuple && list->items.size() == 1 ? "," : "";
    out += close[size_t(list->kind)];
    return;
  }
  if (const Dict *dict = asDict(value)) {
    out += '{';
    for (size_t i = 0; i < dict->entries.size(); ++i) {
      out += i ? ", " : "";
      repr(out, dict->entries[i].first);
      out += ": ";
      repr(out, dict->entries[i].second);
    }
    out += '}';
    return;
  }
  if (const bool *boolean = as<bool>(value))
    out += *boolean ? "True" : "False";
  else if (const int64_t *integer = as<int64_t>(value))
    out += fmt::format("{}", *integer);
  else if (const double *number = as<double>(value))
    out += floatText(*number);
  else
    out += isUndefined(value) ? "Undefined" : isNone(value) ? "None" : typeName(value);
}

class JsonWriter {
public:
  JsonWriter(std::string &out, const JsonStyle &style, std::string_view &culprit)
      : out(out), style(style), culprit(culprit) {}

  bool write(const Value &value) {
    if (const Text *text = asText(value)) {
      quoteJson(out, text->view(), style.ascii);
    } else if (const List *list = asList(value); list && list->kind < ListKind::kItems) {
      return writeItems(list->items.size(), '[', ']',
                        [&](size_t i) { return write(list->items[i]); });
    } else if (const Dict *dict = asDict(value)) {
      return writeDict(*dict);
    } else if (isNone(value) || as<bool>(value) || as<int64_t>(value) || as<double>(value)) {
      writeScalar(value);
    } else {
      culprit = typeName(value);
      return false;
    }
    return true;
  }

private:
  void writeScalar(const Value &value) {
    if (const bool *boolean = as<bool>(value))
      out += *boolean ? "true" : "false";
    else if (const double *number = as<double>(value))
      out += std::isnan(*number)   ? "NaN"
             : std::isinf(*number) ? (*number < 0 ? "-Infinity" : "Infinity")
                                   : floatText(*number);
    else
      out += isNone(value) ? "null" : toText(value)->view();
  }

  template <class Write> bool writeItems(size_t count, char open, char close, Write writeItem) {
    out += open;
    ++level;
    for (size_t i = 0; i < count; ++i) {
      out += i ? style.itemSeparator : "";
      newLine();
      if (!writeItem(i))
        return false;
    }
    --level;
    if (count)
      newLine();
    out += close;
    return true;
  }

  bool writeDict(const Dict &dict) {
    std::vector<const std::pair<Value, Value> *> entries;
    for (auto &entry : dict.entries)
      entries.push_back(&entry);
    if (style.sortKeys)
      std::ranges::sort(entries, [](auto *a, auto *b) {
        return toText(a->first)->view() < toText(b->first)->view();
      });
    return writeItems(entries.size(), '{', '}', [&](size_t i) {
      const Value &key = entries[i]->first;
      if (const Text *text = asText(key)) {
        quoteJson(out, text->view(), style.ascii);
      } else if (valueDepth(key)) {
        culprit = typeName(key);
        return false;
      } else {
        out += '"';
        writeScalar(key);
        out += '"';
      }
      out += style.keySeparator;
      return write(entries[i]->second);
    });
  }

  void newLine() {
    if (!style.indent)
      return;
    out += '\n';
    for (unsigned i = 0; i < level; ++i)
      out += *style.indent;
  }

  std::string &out;
  const JsonStyle &style;
  std::string_view &culprit;
  unsigned level = 0;
};

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

TextPtr toText(const Value &value) {
  if (const TextPtr *text = as<TextPtr>(value))
    return *text;
  std::string out;
  if (!isUndefined(value))
    repr(out, value);
  return std::make_shared<const Text>(out, /*isTemplate=*/false);
}

std::optional<std::string> toJson(const Value &value, const JsonStyle &style,
                                  std::string_view &culprit) {
  std::string out;
  if (!JsonWriter(out, style, culprit).write(value))
    return std::nullopt;
  return out;
}

} // namespace osscc::rt
