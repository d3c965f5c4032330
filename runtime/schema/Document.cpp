#include "runtime/schema/Document.h"

#include "runtime/schema/Uri.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace osscc::rt::schema {
namespace {

using boost::json::array;
using boost::json::object;
using Json = boost::json::value;

constexpr int kDeepest = 64;
constexpr size_t kMostSchemas = 50'000;

constexpr std::array<std::string_view, 11> kWithOne{"additionalProperties",
                                                    "contains",
                                                    "contentSchema",
                                                    "else",
                                                    "if",
                                                    "items",
                                                    "not",
                                                    "propertyNames",
                                                    "then",
                                                    "unevaluatedItems",
                                                    "unevaluatedProperties"};
constexpr std::array<std::string_view, 4> kWithList{"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::array<std::string_view, 5> kWithNames{"$defs", "definitions", "dependentSchemas",
                                                     "patternProperties", "properties"};
/// Asserted, or without a bearing on which values are valid.
constexpr std::array<std::string_view, 38> kOthers{"$anchor",
                                                   "$comment",
                                                   "$dynamicAnchor",
                                                   "$dynamicRef",
                                                   "$id",
                                                   "$ref",
                                                   "$schema",
                                                   "$vocabulary",
                                                   "const",
                                                   "contentEncoding",
                                                   "contentMediaType",
                                                   "default",
                                                   "dependentRequired",
                                                   "deprecated",
                                                   "description",
                                                   "enum",
                                                   "examples",
                                                   "exclusiveMaximum",
                                                   "exclusiveMinimum",
                                                   "format",
                                                   "maxContains",
                                                   "maxItems",
                                                   "maxLength",
                                                   "maxProperties",
                                                   "maximum",
                                                   "minContains",
                                                   "minItems",
                                                   "minLength",
                                                   "minProperties",
                                                   "minimum",
                                                   "multipleOf",
                                                   "pattern",
                                                   "readOnly",
                                                   "required",
                                                   "title",
                                                   "type",
                                                   "uniqueItems",
                                                   "writeOnly"};

bool has(const auto &names, std::string_view name) {
  return !name.empty() && std::ranges::find(names, name) != names.end();
}

/// The part of a JSON Pointer that names a member, as its name.
std::string unescaped(std::string_view part) {
  std::string name;
  for (size_t i = 0; i < part.size(); ++i)
    if (part[i] == '~' && i + 1 < part.size())
      name += part[++i] == '1' ? '/' : '~';
    else
      name += part[i];
  return name;
}

const Json *member(const Json &parent, const std::string &name) {
  if (parent.is_object())
    return parent.get_object().if_contains(name);
  size_t index = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (!parent.is_array() || error != std::errc() || end != name.data() + name.size())
    return nullptr;
  return parent.get_array().if_contains(index);
}

const object &objectOf(const Json &v, const std::string &path) {
  if (!v.is_object())
    throw Refusal(path, "an object is expected");
  return v.get_object();
}

} // namespace

std::string pointerPart(std::string_view name) {
  std::string part = "/";
  for (char c : name)
    if (c == '~' || c == '/')
      part += c == '~' ? "~0" : "~1";
    else
      part += c;
  return part;
}

Document::Document(const Json &root) {
  add(root, "#", "", 0);
  for (const auto &[name, count] : dynamicAnchors)
    if (count > 1)
      ambiguous.push_back(name);
  scopes.emplace_back(ambiguous.size(), kNowhere);
  scopeIds.emplace(scopes[0], 0);
}

std::optional<SchemaId> Document::dynamicAnchor(const std::string &base,
                                                const std::string &name) const {
  auto anchor = anchors.find(base + "#" + name);
  if (anchor == anchors.end())
    return std::nullopt;
  const Json *dynamic = places[anchor->second].value->get_object().if_contains("$dynamicAnchor");
  bool isDynamic = dynamic && std::string_view(dynamic->get_string()) == name;
  return isDynamic ? std::optional(anchor->second) : std::nullopt;
}

ScopeId Document::enter(ScopeId scope, SchemaId id) {
  constexpr size_t kMostScopes = 10'000;
  if (ambiguous.empty())
    return 0;
  auto [known, isNew] = entered.try_emplace({scope, places[id].base}, 0);
  if (!isNew)
    return known->second;
  Scope inside = scopes[scope];
  for (size_t i = 0; i < ambiguous.size(); ++i)
    if (inside[i] == kNowhere)
      inside[i] = dynamicAnchor(places[id].base, ambiguous[i]).value_or(kNowhere);
  auto [entry, isOther] = scopeIds.try_emplace(inside, ScopeId(scopes.size()));
  if (isOther)
    scopes.push_back(inside);
  if (scopes.size() > kMostScopes)
    throw Refusal(places[id].path, "$dynamicRef leads to it on too many ways");
  return known->second = entry->second;
}

void Document::add(const Json &v, std::string path, std::string base, int depth) {
  if (depth > kDeepest)
    throw Refusal(path, "the schema is nested deeper than 64");
  if (!v.is_object() && !v.is_bool())
    throw Refusal(path, "a schema is expected: an object, true or false");
  if (ids.contains(&v))
    return;
  if (places.size() >= kMostSchemas)
    throw Refusal(path, "the document has more than 50,000 schemas");
  auto id = SchemaId(places.size());
  if (v.is_object()) {
    if (const Json *name = v.get_object().if_contains("$id")) {
      if (!name->is_string())
        throw Refusal(path + "/$id", "a text is expected");
      base = resolveUri(base, std::string_view(name->get_string()));
    }
    if (id == kRoot || v.get_object().contains("$id"))
      addResource(base, id);
  } else if (id == kRoot) {
    addResource(base, id);
  }
  ids.emplace(&v, id);
  places.push_back({&v, path, base});
  if (v.is_object()) {
    addAnchor(v.get_object(), "$anchor", base, id);
    addAnchor(v.get_object(), "$dynamicAnchor", base, id);
    addInside(v.get_object(), path, base, depth);
  }
}

void Document::addResource(const std::string &uri, SchemaId id) {
  if (!resources.emplace(uri, id).second)
    throw Refusal(id < places.size() ? places[id].path : "",
                  fmt::format("two schemas have the $id '{}'", uri));
}

void Document::addAnchor(const object &schema, std::string_view keyword, const std::string &base,
                         SchemaId id) {
  const Json *name = schema.if_contains(keyword);
  if (!name)
    return;
  if (!name->is_string())
    throw Refusal(places[id].path + pointerPart(keyword), "a text is expected");
  std::string anchor(name->get_string());
  if (keyword == "$dynamicAnchor")
    ++dynamicAnchors[anchor];
  if (!anchors.emplace(base + "#" + anchor, id).second)
    throw Refusal(places[id].path, fmt::format("two schemas have the anchor '{}'", anchor));
}

void Document::addInside(const object &schema, const std::string &path, const std::string &base,
                         int depth) {
  for (const auto &[key, inner] : schema) {
    std::string_view name = key;
    std::string at = path + pointerPart(name);
    asksUnevaluated |= name.starts_with("unevaluated");
    if (name == "$schema")
      checkDialect(inner, at);
    if (has(kWithOne, name)) {
      add(inner, at, base, depth + 1);
    } else if (has(kWithList, name)) {
      if (!inner.is_array())
        throw Refusal(at, "an array of schemas is expected");
      for (size_t i = 0; i < inner.get_array().size(); ++i)
        add(inner.get_array()[i], fmt::format("{}/{}", at, i), base, depth + 1);
    } else if (has(kWithNames, name)) {
      for (const auto &[each, schemaOfIt] : objectOf(inner, at))
        add(schemaOfIt, at + pointerPart(each), base, depth + 1);
    } else if (!has(kOthers, name) && !name.starts_with("x-")) {
      throw Refusal(at, "this keyword is not supported");
    }
  }
}

/// Of older drafts, what they have in common with 2020-12 is taken; the rest of them is unknown.
void Document::checkDialect(const Json &uri, const std::string &path) {
  constexpr std::array<std::string_view, 4> kDialects{
      "https://json-schema.org/draft/2020-12/schema",
      "https://json-schema.org/draft/2019-09/schema", "http://json-schema.org/draft-07/schema",
      "https://json-schema.org/draft-07/schema"};
  std::string_view name = uri.is_string() ? std::string_view(uri.get_string()) : "";
  if (name.ends_with('#'))
    name.remove_suffix(1);
  if (!has(kDialects, name))
    throw Refusal(path,
                  "the dialect is not supported; https://json-schema.org/draft/2020-12/schema "
                  "is");
}

SchemaId Document::resolvePointer(const std::string &resource, std::string_view pointer,
                                  std::string_view reference, SchemaId from) {
  SchemaId at = resources.at(resource);
  const Json *found = places[at].value;
  std::string path = places[at].path;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    size_t end = std::min(pointer.find('/'), pointer.size());
    std::string name = unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    found = member(*found, name);
    if (!found)
      throw Refusal(places[from].path + "/$ref",
                    fmt::format("'{}' leads nowhere in this schema", reference));
    path += pointerPart(name);
  }
  if (!ids.contains(found))
    add(*found, path, resource, 1);
  return ids.at(found);
}

SchemaId Document::resolve(SchemaId from, std::string_view reference, bool isDynamic,
                           ScopeId scope) {
  std::string keyword = isDynamic ? "/$dynamicRef" : "/$ref";
  std::string resource = resolveUri(places[from].base, reference);
  std::string fragment = fragmentOf(reference);
  if (!resources.contains(resource))
    throw Refusal(places[from].path + keyword,
                  fmt::format("'{}' is outside this schema, and nothing is fetched", reference));
  if (fragment.empty() || fragment[0] == '/')
    return resolvePointer(resource, fragment, reference, from);
  auto anchor = anchors.find(resource + "#" + fragment);
  if (anchor == anchors.end())
    throw Refusal(places[from].path + keyword,
                  fmt::format("'{}' leads nowhere in this schema", reference));
  auto name = std::ranges::find(ambiguous, fragment);
  if (isDynamic && name != ambiguous.end() && dynamicAnchor(resource, fragment)) {
    SchemaId first = scopes[scope][size_t(name - ambiguous.begin())];
    if (first != kNowhere)
      return first;
  }
  return anchor->second;
}

} // namespace osscc::rt::schema
