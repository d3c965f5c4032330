#include "runtime/template/PrettyPrint.h"
#include "runtime/template/Sort.h"
#include <algorithm>

namespace osscc::rt {
namespace {

constexpr size_t kWidth = 80;

/// The value with the keys of its dicts sorted, as pprint shows them.
Value sorted(const Value &value) {
  if (const List *list = asList(value)) {
    List copy = *list;
    std::ranges::transform(copy.items, copy.items.begin(), sorted);
    return std::make_shared<const List>(std::move(copy));
  }
  if (const Dict *dict = asDict(value)) {
    Dict copy = *dict;
    mergeSort(copy.entries, [](const auto &a, const auto &b) {
      const Text *x = asText(a.first), *y = asText(b.first);
      if (x && y)
        return x->view() < y->view();
      std::optional<double> m = asNumber(a.first), n = asNumber(b.first);
      return m && n ? *m < *n : typeName(a.first) < typeName(b.first);
    });
    for (auto &entry : copy.entries)
      entry.second = sorted(entry.second);
    return std::make_shared<const Dict>(std::move(copy));
  }
  return value;
}

class Printer {
public:
  explicit Printer(uint64_t limit) : limit(limit) {}

  std::string out;
  uint64_t limit; ///< Of bytes.
  bool breaksText = false;

  /// At column `indent`, with `allowance` characters to follow on the last line.
  void print(const Value &value, size_t indent, size_t allowance) {
    std::string line = reprText(value);
    const List *list = asList(value);
    const Dict *dict = asDict(value);
    bool isParted = dict || (list && list->kind <= ListKind::kTuple);
    if (codePoints(line) + indent + allowance <= kWidth || (!isParted && !asText(value))) {
      out += line;
    } else if (!isParted) {
      breaksText |= line.find(' ') != line.npos || line.find("\\n") != line.npos;
      out += line;
    } else if (dict) {
      out += '{';
      for (size_t i = 0; i < dict->entries.size(); ++i) {
        std::string key = reprText(dict->entries[i].first);
        bool isLast = i + 1 == dict->entries.size();
        out += key + ": ";
        print(dict->entries[i].second, indent + codePoints(key) + 3, isLast ? allowance + 1 : 1);
        separate(isLast, indent + 1);
      }
      out += '}';
    } else {
      out += list->kind == ListKind::kTuple ? '(' : '[';
      bool isSingle = list->kind == ListKind::kTuple && list->items.size() == 1;
      for (size_t i = 0; i < list->items.size(); ++i) {
        bool isLast = i + 1 == list->items.size();
        print(list->items[i], indent + 1, isLast ? allowance + 1 + isSingle : 1);
        separate(isLast, indent + 1);
      }
      out += isSingle ? ",)" : list->kind == ListKind::kTuple ? ")" : "]";
    }
  }

private:
  void separate(bool isLast, size_t indent) {
    // A long key indents all that stands under it.
    breaksText |= out.size() + indent > limit;
    if (!isLast && !breaksText)
      out += ",\n" + std::string(indent, ' ');
  }
};

} // namespace

std::optional<std::string> prettyText(const Value &value) {
  Printer printer(100 * valueWeight(value) + 1000);
  printer.print(sorted(value), 0, 0);
  if (printer.breaksText)
    return std::nullopt;
  return std::move(printer.out);
}

} // namespace osscc::rt
