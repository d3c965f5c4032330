// Values of the template renderer as JSON: json.dumps() of Python.
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Value.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

/// A JSON string in quotes; `ascii` writes all others as \u escapes.
void quoteJson(std::string &out, std::string_view text, bool ascii) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    size_t bytes = codePointBytes(text, at);
    uint32_t code = codePointAt(text, at);
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

class JsonWriter {
public:
  JsonWriter(std::string &out, const JsonStyle &style, std::string_view &culprit)
      : out(out), style(style), culprit(culprit) {}

  bool write(const Value &value) {
    if (const Text *text = asText(value)) {
      quoteJson(out, text->view(), style.ascii);
    } else if (const List *list = asList(value); list && list->kind <= ListKind::kTuple) {
      return writeItems(list->items.size(), '[', ']',
                        [&](size_t i) { return write(list->items[i]); });
    } else if (const Dict *dict = asDict(value)) {
      return writeDict(*dict);
    } else if (isNone(value) || isInteger(value) || as<double>(value)) {
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
      } else if (!isNone(key) && !asNumber(key)) {
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

std::optional<std::string> toJson(const Value &value, const JsonStyle &style,
                                  std::string_view &culprit) {
  std::string out;
  if (!JsonWriter(out, style, culprit).write(value))
    return std::nullopt;
  return out;
}

} // namespace osscc::rt
