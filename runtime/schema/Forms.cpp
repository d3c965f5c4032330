#include "runtime/schema/Forms.h"

#include "runtime/base/Utf8.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

namespace osscc::rt::schema {
namespace {

constexpr size_t kMostAlternatives = 5'000;

template <class Alternative, class Join>
std::vector<Alternative> product(const std::vector<Alternative> &a,
                                 const std::vector<Alternative> &b, Budget &budget, Join join) {
  if (a.size() * b.size() > kMostAlternatives)
    throw Refusal("", "the schema's alternatives multiply beyond 5,000");
  std::vector<Alternative> all;
  for (const Alternative &one : a)
    for (const Alternative &other : b) {
      budget.spend(10);
      if (auto joined = join(one, other))
        all.push_back(std::move(*joined));
    }
  return all;
}

std::optional<ArrayForm> bothArrays(const ArrayForm &a, const ArrayForm &b) {
  ArrayForm out = a;
  std::ranges::copy(b.groups, std::back_inserter(out.groups));
  std::ranges::copy(b.contains, std::back_inserter(out.contains));
  out.least = std::max(a.least, b.least);
  out.most = std::min(a.most, b.most);
  return out.least <= out.most ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<ObjectForm> bothObjects(const ObjectForm &a, const ObjectForm &b) {
  ObjectForm out = a;
  std::ranges::copy(b.groups, std::back_inserter(out.groups));
  for (const std::string &name : b.required)
    if (std::ranges::find(out.required, name) == out.required.end())
      out.required.push_back(name);
  out.least = std::max(a.least, b.least);
  out.most = std::min(a.most, b.most);
  out.names = conjoin(a.names, b.names);
  bool fits = out.least <= out.most && int64_t(out.required.size()) <= out.most;
  return fits ? std::optional(std::move(out)) : std::nullopt;
}

template <class Alternative>
void append(std::vector<Alternative> &to, const std::vector<Alternative> &from, Budget &budget) {
  budget.spend(int64_t(to.size() * from.size() / 8 + from.size()));
  for (const Alternative &each : from)
    if (std::ranges::find(to, each) == to.end())
      to.push_back(each);
  if (to.size() > kMostAlternatives)
    throw Refusal("", "the schema has more than 5,000 alternatives");
}

} // namespace

Conjunction conjoin(const Conjunction &a, const Conjunction &b) {
  Conjunction all;
  std::ranges::set_union(a, b, std::back_inserter(all));
  return all;
}

std::u32string charactersOf(std::string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decodeUtf8(text.data() + at);
    out += char32_t(point.value);
    at += point.bytes;
  }
  return out;
}

Conjunction ArrayGroup::at(size_t index, const Conjunction &held) const {
  if (index < prefix.size())
    return prefix[index];
  Conjunction both;
  std::ranges::set_intersection(unlessHeld, held, std::back_inserter(both));
  bool isTaken =
      !both.empty() || std::ranges::any_of(others, [&](const auto &g) { return g->saysOf(index); });
  return rest && !isTaken ? *rest : Conjunction();
}

size_t ArrayForm::prefixSize() const {
  size_t size = 0;
  for (const auto &group : groups) {
    size = std::max(size, group->prefix.size());
    for (const auto &other : group->others)
      size = std::max(size, other->prefix.size());
  }
  return size;
}

Conjunction ArrayForm::at(size_t index, const Conjunction &held) const {
  Conjunction all;
  for (const auto &group : groups)
    all = conjoin(all, group->at(index, held));
  return all;
}

bool ObjectGroup::names(std::string_view name, std::u32string_view characters) const {
  return std::ranges::any_of(properties, [&](const auto &p) { return p.first == name; }) ||
         std::ranges::any_of(patterns, [&](const auto &p) { return p.first->matches(characters); });
}

Conjunction ObjectGroup::at(std::string_view name, std::u32string_view characters) const {
  Conjunction all;
  bool isNamed = false;
  for (const auto &[each, what] : properties)
    if (each == name) {
      all = conjoin(all, what);
      isNamed = true;
    }
  for (const auto &[pattern, what] : patterns)
    if (pattern->matches(characters)) {
      all = conjoin(all, what);
      isNamed = true;
    }
  bool isTaken = isNamed || !rest || std::ranges::any_of(others, [&](const auto &g) {
                   return g->saysOf(name, characters);
                 });
  return isTaken ? all : *rest;
}

Conjunction ObjectForm::at(std::string_view name) const {
  std::u32string characters = charactersOf(name);
  Conjunction all;
  for (const auto &group : groups)
    all = conjoin(all, group->at(name, characters));
  return all;
}

Form Form::everything() {
  Form form{.null = true, .yes = true, .no = true};
  form.numbers.push_back(Numbers::all());
  form.strings.emplace_back();
  form.arrays.emplace_back();
  form.objects.emplace_back();
  return form;
}

Form silenced(Form form) {
  auto silence = [](auto &alternatives) {
    for (auto &alternative : alternatives)
      for (auto &group : alternative.groups) {
        auto copy = std::make_shared<std::remove_cvref_t<decltype(*group)>>(*group);
        copy->isSilent = true;
        group = std::move(copy);
      }
  };
  for (ArrayForm &array : form.arrays)
    for (Contains &part : array.contains)
      part.isSilent = true;
  silence(form.arrays);
  silence(form.objects);
  return form;
}

Strings both(const Strings &a, const Strings &b, Budget &budget) {
  Strings out{a.texts, std::max(a.least, b.least), std::min(a.most, b.most)};
  if (!out.texts)
    out.texts = b.texts;
  else if (b.texts && b.texts != a.texts)
    out.texts = join(*a.texts, *b.texts, Join::kBoth, budget);
  return out;
}

Form both(const Form &a, const Form &b, Budget &budget) {
  Form out{.null = a.null && b.null, .yes = a.yes && b.yes, .no = a.no && b.no};
  out.numbers = product(a.numbers, b.numbers, budget, [](Numbers one, const Numbers &other) {
    one.intersect(other);
    return one.empty() ? std::nullopt : std::optional(one);
  });
  out.strings =
      product(a.strings, b.strings, budget, [&](const Strings &one, const Strings &other) {
        Strings joined = both(one, other, budget);
        bool isEmpty = joined.least > joined.most || (joined.texts && joined.texts->empty());
        return isEmpty ? std::nullopt : std::optional(joined);
      });
  out.arrays = product(a.arrays, b.arrays, budget, bothArrays);
  out.objects = product(a.objects, b.objects, budget, bothObjects);
  return out;
}

Form either(Form a, const Form &b, Budget &budget) {
  a.null |= b.null;
  a.yes |= b.yes;
  a.no |= b.no;
  append(a.numbers, b.numbers, budget);
  append(a.strings, b.strings, budget);
  append(a.arrays, b.arrays, budget);
  append(a.objects, b.objects, budget);
  return a;
}

} // namespace osscc::rt::schema
