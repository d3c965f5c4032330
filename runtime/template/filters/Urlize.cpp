// The filter `urlize`: addresses in a text become links. The rules are those of jinja2's
// utils.urlize, which are regular expressions there.
#include "runtime/template/filters/Urlize.h"
#include "runtime/template/Case.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <set>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

bool isWord(char c) {
  return (c & 0x80) || std::isalnum(uint8_t(c)) || c == '_';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
template <class Holds> bool all(std::string_view text, size_t least, size_t most, Holds holds) {
  return text.size() >= least && text.size() <= most && std::ranges::all_of(text, holds);
}

/// Labels between dots, each of at least `least` characters, up to the last.
bool areLabels(std::string_view labels, size_t least) {
  while (!labels.empty()) {
    size_t end = labels.find('.');
    if (end == labels.npos || !all(labels.substr(0, end), least, least > 1 ? 63 : labels.size(),
                                   [](char c) { return isWord(c) || c == '%' || c == '-'; }))
      return false;
    labels.remove_prefix(end + 1);
  }
  return true;
}

/// [\w%-]+\. any times, then a top-level domain.
bool isDomain(std::string_view host) {
  size_t last = host.rfind('.') + 1; // npos + 1 is 0
  std::string_view top = host.substr(last);
  bool isName = all(top, 2, 63, [](char c) { return c >= 'a' && c <= 'z'; });
  bool isEncoded = top.starts_with("xn--") &&
                   all(top.substr(4), 2, 59, [](char c) { return isWord(c) || c == '%'; });
  return (isName || isEncoded) && areLabels(host.substr(0, last), 1);
}

bool isNumbers(std::string_view host) {
  unsigned parts = 0;
  for (size_t begin = 0, end; begin <= host.size(); begin = end + 1, ++parts) {
    end = std::min(host.find('.', begin), host.size());
    if (!all(host.substr(begin, end - begin), 1, 3, isDigit))
      return false;
  }
  return parts == 4;
}

/// A name as it stands before a port and a path.
std::string_view hostOf(std::string_view rest) {
  std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  size_t colon = host.rfind(':');
  return colon != host.npos && all(host.substr(colon + 1), 1, 5, isDigit) ? host.substr(0, colon)
                                                                          : host;
}

bool isAddress(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return char(std::tolower(uint8_t(c))); });
  std::string_view rest = lower;
  size_t scheme = rest.starts_with("https://") ? 8 : rest.starts_with("http://") ? 7 : 0;
  if (scheme) {
    std::string_view host = hostOf(rest.substr(scheme));
    if (isDomain(host) || isNumbers(host))
      return true;
  }
  if (!scheme && rest.starts_with("www.") && isDomain(hostOf(rest.substr(4))))
    return true;
  std::string_view host = hostOf(rest);
  size_t last = host.rfind('.') + 1;
  static constexpr std::string_view tops[] = {"com", "net", "int",  "edu",
                                              "gov", "org", "info", "mil"};
  return last && std::ranges::find(tops, host.substr(last)) != std::end(tops) &&
         areLabels(host.substr(0, last), 2);
}

bool isMail(std::string_view word) {
  size_t at = word.rfind('@');
  if (at == word.npos || at == 0)
    return false;
  std::string_view host = word.substr(at + 1);
  size_t dot = host.rfind('.');
  return dot != host.npos && dot > 0 && isWord(host[0]) && dot + 1 < host.size() &&
         std::ranges::all_of(host.substr(dot + 1), isWord) &&
         std::ranges::all_of(host, [](char c) { return isWord(c) || c == '.' || c == '-'; });
}

struct Links {
  std::string attributes; ///< rel and target.
  std::optional<size_t> limit;
  std::vector<std::string> schemes;

  std::string shown(std::string_view url) const {
    size_t cut = limit ? codePointOffset(url, *limit) : url.size();
    return cut < url.size() ? std::string(url.substr(0, cut)) + "..." : std::string(url);
  }

  std::string link(const std::string &word) const {
    if (isAddress(word)) {
      bool hasScheme = word.starts_with("https://") || word.starts_with("http://");
      return "<a href=\"" + std::string(hasScheme ? "" : "https://") + word + "\"" + attributes +
             ">" + shown(word) + "</a>";
    }
    if (word.starts_with("mailto:") && isMail(word.substr(7)))
      return "<a href=\"" + word + "\">" + word.substr(7) + "</a>";
    if (!word.starts_with("www.") && !word.starts_with("@") && word.find(':') == word.npos &&
        isMail(word))
      return "<a href=\"mailto:" + word + "\">" + word + "</a>";
    for (const std::string &scheme : schemes)
      if (word != scheme && word.starts_with(scheme))
        return "<a href=\"" + word + "\"" + attributes + ">" + word + "</a>";
    return word;
  }

  /// A word without the punctuation around it; brackets that the word opens stay.
  std::string linkInside(std::string_view word) const {
    static constexpr std::string_view open[] = {"(", "<", "&lt;"}, close[] = {")", ">", "&gt;"};
    static constexpr std::string_view ends[] = {")", ">", ".", ",", "\n", "&gt;"};
    size_t begin = 0, end = word.size();
    auto strip = [&](auto &marks, bool atEnd) {
      for (bool found = true; found;) {
        found = false;
        std::string_view rest = word.substr(begin, end - begin);
        for (std::string_view mark : marks)
          if (!found && (atEnd ? rest.ends_with(mark) : rest.starts_with(mark))) {
            (atEnd ? end -= mark.size() : begin += mark.size());
            found = true;
          }
      }
    };
    strip(open, false);
    strip(ends, true);
    std::string middle(word.substr(begin, end - begin));
    std::string_view tail = word.substr(end);
    for (size_t i = 0; i < std::size(open); ++i) {
      size_t opened = countText(middle, open[i]);
      if (opened <= countText(middle, close[i]))
        continue;
      for (size_t moves = std::min(opened, countText(tail, close[i])); moves; --moves) {
        size_t taken = tail.find(close[i]) + close[i].size();
        middle += tail.substr(0, taken);
        tail.remove_prefix(taken);
      }
    }
    return std::string(word.substr(0, begin)) + link(middle) + std::string(tail);
  }
};

} // namespace

Value urlize(TemplateInterpreter &in, const Value &value, const Arguments &arguments) {
  Links links;
  if (arguments.has(0) && !isNone(arguments[0]))
    links.limit = size_t(std::max<int64_t>(in.integerArgument(arguments, 0, 0), 0));
  std::set<std::string> relations = {"noopener"};
  for (auto [begin, end] : splitRanges(in.textArgument(arguments, 3), {}, -1, false))
    relations.emplace(in.textArgument(arguments, 3).substr(begin, end - begin));
  if (isTrue(arguments[1]))
    relations.insert("nofollow");
  std::string rel;
  for (const std::string &each : relations)
    rel += (rel.empty() ? "" : " ") + each;
  auto escaped = [](std::string_view text) {
    return std::string(forceEscapeMarkup(Text(text, true)).view());
  };
  links.attributes = " rel=\"" + escaped(rel) + "\"";
  if (std::string_view target = in.textArgument(arguments, 2); !target.empty())
    links.attributes += " target=\"" + escaped(target) + "\"";
  if (arguments.has(4) && !isNone(arguments[4]))
    for (const Value &scheme : in.iterate(arguments[4]))
      links.schemes.emplace_back(toText(scheme)->view());
  TextPtr given = toText(value);
  // A word may stand twice in its link, and moving brackets looks at it again.
  if (!in.charge((16 + links.attributes.size() + links.schemes.size()) * given->size()))
    return Undefined{};
  Text text = escapeMarkup(*given);
  std::string out;
  size_t done = 0;
  for (auto [begin, end] : splitRanges(text.view(), {}, -1, false)) {
    out += text.view().substr(done, begin - done);
    out += links.linkInside(text.view().substr(begin, end - begin));
    done = end;
  }
  out += text.view().substr(done);
  auto result = std::make_shared<Text>(out, false);
  result->setMarkup(in.isEscaping());
  return result;
}

} // namespace osscc::rt
