#include "runtime/schema/Expander.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace osscc::rt::schema {
namespace {

constexpr size_t kDeepest = 200; ///< Schemas that lead to one another at one place of a value.

} // namespace

/// A schema that is its own condition, with nothing between.
struct Expander::Loop : Refusal {
  explicit Loop(std::string path)
      : Refusal(std::move(path), "the schema refers to itself without anything between") {}
};

const Form &Expander::expand(Literal literal) {
  if (auto found = known.find(literal); found != known.end())
    return found->second;
  std::string path = literal == kNever || literal & 2 ? "" : document.path(placeOf(literal));
  if (open.contains(literal))
    throw Loop(path);
  if (open.size() > kDeepest)
    throw Refusal(path, "references lead on more than 200 times");
  struct Opened {
    std::set<Literal> &open;
    Literal literal;
    Opened(std::set<Literal> &open, Literal literal) : open(open), literal(literal) {
      open.insert(literal);
    }
    ~Opened() { open.erase(literal); }
  } opened(open, literal);
  try {
    Form form = compute(literal);
    return known.emplace(literal, std::move(form)).first->second;
  } catch (Refusal &refusal) {
    if (refusal.path.empty())
      refusal.path = path;
    throw;
  }
}

Form Expander::expand(const Conjunction &conjunction) {
  Form form = Form::everything();
  for (Literal literal : conjunction)
    form = both(form, expand(literal), budget);
  return form;
}

Form Expander::compute(Literal literal) {
  budget.spend(10);
  if (literal == kNever)
    return {};
  bool negated = literal & 1;
  if (literal & 2)
    return silenced(expandConstant(*constants[literal / 4], negated));
  ScopeId outer = std::exchange(scope, literal >> 18);
  struct Back {
    ScopeId &scope, outer;
    ~Back() { scope = outer; }
  } back{scope, outer};
  Form form = expandSchema(placeOf(literal), negated);
  return negated ? silenced(std::move(form)) : form;
}

Form Expander::expandSchema(SchemaId id, bool negated) {
  const Value &value = document.value(id);
  if (value.is_bool())
    return value.get_bool() != negated ? Form::everything() : Form();
  const Object &schema = value.get_object();
  if (negated)
    return either(negatedAssertions(id, schema), negatedCombined(id, schema), budget);
  Form form = assertions(id, schema);
  combine(id, schema, form);
  return form;
}

SchemaId Expander::target(SchemaId id, const Object &schema, std::string_view keyword) {
  std::string path = document.path(id) + pointerPart(keyword);
  return document.resolve(id, textOf(schema.at(keyword), path), keyword == "$dynamicRef", scope);
}

void Expander::combine(SchemaId id, const Object &schema, Form &form) {
  const std::string path = document.path(id);
  auto add = [&](const Form &other) { form = both(form, other, budget); };
  for (const char *keyword : {"$ref", "$dynamicRef"})
    if (schema.contains(keyword))
      add(expand(place(target(id, schema, keyword), false)));
  combineLists(id, schema, form);
  if (const Value *inner = schema.if_contains("not"))
    add(expand(this->schema(*inner, true)));
  if (const Value *condition = schema.if_contains("if")) {
    const Value *then = schema.if_contains("then"), *other = schema.if_contains("else");
    Form yes = expand(this->schema(*condition));
    if (then)
      yes = both(yes, expand(this->schema(*then)), budget);
    Form no;
    if (then || other || schema.contains("unevaluatedProperties") ||
        schema.contains("unevaluatedItems"))
      no = expand(this->schema(*condition, true));
    else
      no = Form::everything();
    if (other)
      no = both(no, expand(this->schema(*other)), budget);
    add(either(std::move(yes), no, budget));
  }
  combineDependents(schema, path, form);
  combineUnevaluated(schema, form);
}

void Expander::combineLists(SchemaId id, const Object &schema, Form &form) {
  auto listOf = [&](const char *keyword) -> const boost::json::array * {
    const Value *list = schema.if_contains(keyword);
    if (list && list->get_array().empty())
      throw Refusal(document.path(id) + "/" + keyword, "at least one schema is expected");
    return list ? &list->get_array() : nullptr;
  };
  if (const auto *all = listOf("allOf"))
    for (const Value &each : *all)
      form = both(form, expand(this->schema(each)), budget);
  if (const auto *any = listOf("anyOf")) {
    Form one;
    for (const Value &each : *any) {
      const Form &branch = expand(this->schema(each));
      // What several branches have said, `unevaluated...` sees together.
      Form more =
          document.hasUnevaluated() ? either(branch, both(one, branch, budget), budget) : branch;
      one = either(std::move(one), more, budget);
    }
    form = both(form, one, budget);
  }
  if (const auto *branches = listOf("oneOf"))
    form = both(form, exactlyOne(*branches, document.path(id) + "/oneOf"), budget);
}

void Expander::combineDependents(const Object &schema, const std::string &path, Form &form) {
  auto add = [&](std::string_view name, const Form &then) {
    Form present = both(requiring({std::string(name)}), then, budget);
    Form rest = Form::everything();
    rest.objects = silenced(requiring({}, std::string(name).c_str())).objects;
    form = both(form, either(std::move(rest), present, budget), budget);
  };
  if (const Value *list = schema.if_contains("dependentRequired"))
    for (const auto &[name, names] : objectOf(*list, path + "/dependentRequired"))
      add(name, requiring(namesOf(names, path + "/dependentRequired" + pointerPart(name))));
  if (const Value *list = schema.if_contains("dependentSchemas"))
    for (const auto &[name, each] : list->get_object())
      add(name, expand(this->schema(each)));
}

/// Each alternative knows what was said of members and items; what was not said anything of is
/// restricted.
void Expander::combineUnevaluated(const Object &schema, Form &form) {
  if (const Value *rest = schema.if_contains("unevaluatedProperties"))
    for (ObjectForm &object : form.objects) {
      auto group = std::make_shared<ObjectGroup>();
      group->rest = Conjunction{this->schema(*rest)};
      group->others = object.groups;
      object.groups.push_back(group);
    }
  if (const Value *rest = schema.if_contains("unevaluatedItems"))
    for (ArrayForm &array : form.arrays) {
      auto group = std::make_shared<ArrayGroup>();
      for (const Contains &part : array.contains)
        if (!part.isSilent)
          group->unlessHeld = conjoin(group->unlessHeld, {part.what});
      group->rest = Conjunction{this->schema(*rest)};
      group->others = array.groups;
      array.groups.push_back(group);
    }
}

Form Expander::negatedDependents(const Object &schema, const std::string &path) {
  Form form;
  if (const Value *list = schema.if_contains("dependentRequired"))
    for (const auto &[name, names] : objectOf(*list, path + "/dependentRequired"))
      for (const std::string &each : namesOf(names, path + "/dependentRequired"))
        form = either(std::move(form), requiring({std::string(name)}, each.c_str()), budget);
  if (const Value *list = schema.if_contains("dependentSchemas"))
    for (const auto &[name, each] : list->get_object())
      form = either(std::move(form),
                    both(requiring({std::string(name)}), expand(this->schema(each, true)), budget),
                    budget);
  return form;
}

Form Expander::negatedCombined(SchemaId id, const Object &schema) {
  const std::string path = document.path(id);
  for (const char *keyword : {"unevaluatedProperties", "unevaluatedItems"})
    if (schema.contains(keyword))
      throw Refusal(path + "/" + keyword,
                    "what is forbidden by 'not', 'if' or 'oneOf' must not depend on this keyword");
  Form form = negatedDependents(schema, path);
  auto add = [&](const Form &other) { form = either(std::move(form), other, budget); };
  auto negated = [&](const Value &inner) -> const Form & {
    return expand(this->schema(inner, true));
  };
  for (const char *keyword : {"$ref", "$dynamicRef"})
    if (schema.contains(keyword))
      add(expand(place(target(id, schema, keyword), true)));
  if (const Value *inner = schema.if_contains("not"))
    add(expand(this->schema(*inner)));
  if (const Value *all = schema.if_contains("allOf"))
    for (const Value &each : all->get_array())
      add(negated(each));
  if (const Value *any = schema.if_contains("anyOf")) {
    Form none = Form::everything();
    for (const Value &each : any->get_array())
      none = both(none, negated(each), budget);
    add(none);
  }
  if (const Value *branches = schema.if_contains("oneOf")) {
    const auto &list = branches->get_array();
    Form none = Form::everything();
    for (const Value &each : list)
      none = both(none, negated(each), budget);
    add(none);
    for (size_t i = 0; i < list.size(); ++i)
      for (size_t j = i + 1; j < list.size(); ++j)
        add(both(expand(this->schema(list[i])), expand(this->schema(list[j])), budget));
  }
  if (const Value *condition = schema.if_contains("if")) {
    if (const Value *then = schema.if_contains("then"))
      add(both(expand(this->schema(*condition)), negated(*then), budget));
    if (const Value *other = schema.if_contains("else"))
      add(both(negated(*condition), negated(*other), budget));
  }
  return form;
}

/// Each branch without those others that it may have a value in common with.
Form Expander::exactlyOne(const boost::json::array &branches, const std::string &path) {
  Form one;
  for (size_t i = 0; i < branches.size(); ++i) {
    Form alone = expand(schema(branches[i]));
    for (size_t j = 0; j < branches.size(); ++j) {
      Conjunction two = conjoin({schema(branches[i])}, {schema(branches[j])});
      if (i == j || excludes(two, 3))
        continue;
      try {
        alone = both(alone, expand(schema(branches[j], true)), budget);
      } catch (const Refusal &refusal) {
        throw Refusal(path, fmt::format("branches {} and {} may both hold: {}: {}", std::min(i, j),
                                        std::max(i, j), refusal.path, refusal.what()));
      }
    }
    one = either(std::move(one), alone, budget);
  }
  return one;
}

bool Expander::excludes(const Conjunction &conjunction, int levels) {
  if (levels == 0)
    return false;
  try {
    return excludesForm(expand(conjunction), levels);
  } catch (const Loop &) {
    return false; // not known
  }
}

bool Expander::excludesForm(const Form &form, int levels) {
  if (form.null || form.yes || form.no || !form.numbers.empty() || !form.strings.empty())
    return false;
  bool isArrayOpen = std::ranges::any_of(form.arrays, [&](const ArrayForm &array) {
    for (int64_t i = 0; i < std::min<int64_t>(array.least, 16); ++i)
      if (excludes(array.at(size_t(i)), levels - 1))
        return false;
    return true;
  });
  return !isArrayOpen && std::ranges::none_of(form.objects, [&](const ObjectForm &object) {
    return std::ranges::none_of(object.required, [&](const std::string &name) {
      return excludes(object.at(name), levels - 1);
    });
  });
}

} // namespace osscc::rt::schema
