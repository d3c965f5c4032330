// A schema as it was given: its places, their paths, and where references lead.
#pragma once

#include "runtime/schema/Refusal.h"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace osscc::rt::schema {

/// A schema inside the document.
using SchemaId = uint32_t;
/// Which resources have been entered on the way to a schema, as far as a `$dynamicRef` asks; 0:
/// none.
using ScopeId = uint32_t;

class Document {
public:
  /// \param root  must outlive the object.
  /// \errors  Refusal for too deep a nesting, for keywords that are not known, for identifiers that
  /// are used twice, and for what is no schema where one must stand.
  explicit Document(const boost::json::value &root);

  static constexpr SchemaId kRoot = 0;

  const boost::json::value &value(SchemaId id) const { return *places[id].value; }
  const std::string &path(SchemaId id) const { return places[id].path; }
  /// Whether a keyword somewhere asks what others have said.
  bool hasUnevaluated() const { return asksUnevaluated; }
  SchemaId idOf(const boost::json::value &value) const { return ids.at(&value); }

  /// Where `$ref` or `$dynamicRef` of the schema `from` leads. \errors  Refusal for a place outside
  /// the document, which is never fetched, and for one that is not there.
  SchemaId resolve(SchemaId from, std::string_view reference, bool isDynamic, ScopeId scope);

  /// The scope inside a schema that is come to in a scope. \errors  Refusal for too many scopes.
  ScopeId enter(ScopeId scope, SchemaId id);

private:
  struct Place {
    const boost::json::value *value;
    std::string path;
    std::string base; ///< The URI of the resource that it belongs to.
  };

  void add(const boost::json::value &value, std::string path, std::string base, int depth);
  void addInside(const boost::json::object &schema, const std::string &path,
                 const std::string &base, int depth);
  void addResource(const std::string &uri, SchemaId id);
  void addAnchor(const boost::json::object &schema, std::string_view keyword,
                 const std::string &base, SchemaId id);
  SchemaId resolvePointer(const std::string &resource, std::string_view pointer,
                          std::string_view reference, SchemaId from);

  static void checkDialect(const boost::json::value &uri, const std::string &path);

  bool asksUnevaluated = false;
  std::vector<Place> places;
  std::unordered_map<const boost::json::value *, SchemaId> ids;
  std::map<std::string, SchemaId> resources, anchors; ///< The latter by "base#name".
  std::map<std::string, int> dynamicAnchors;          ///< How many there are of a name.

  /// Of each name that several dynamic anchors have, in order, the first that was come to;
  /// kNowhere: none was.
  using Scope = std::vector<SchemaId>;
  static constexpr SchemaId kNowhere = UINT32_MAX;
  std::optional<SchemaId> dynamicAnchor(const std::string &base, const std::string &name) const;
  std::vector<std::string> ambiguous;
  std::vector<Scope> scopes;
  std::map<Scope, ScopeId> scopeIds;
  std::map<std::pair<ScopeId, std::string>, ScopeId> entered; ///< By scope and resource.
};

/// A name as one part of a JSON Pointer.
std::string pointerPart(std::string_view name);

} // namespace osscc::rt::schema
