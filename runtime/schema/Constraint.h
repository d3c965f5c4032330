// Which tokens may come next, so that a text becomes a value that a JSON Schema allows.
//
//   schema ─ compileSchema() ─▶ Schema ─┐
//   tokenizer ─ TokenTrie::of() ────────┴▶ Constraint ─ allowed() ─▶ Sampler ─ token ─▶ take() ─▶
//   ...
#pragma once

#include "runtime/base/Status.h"
#include "runtime/schema/TokenTrie.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace osscc::rt {

namespace schema {
struct Machine;
class Budget;
} // namespace schema

/// A schema that was compiled; many constraints may share it.
using Schema = std::shared_ptr<const schema::Machine>;

/// Compiles a JSON Schema (draft 2020-12; docs/design/schema.md has what is supported of it).
///
/// \param text  of the schema, at most 1 MiB, nested at most 64 deep.
/// \errors  kInvalidArgument naming the JSON Pointer of the keyword: for what is no schema, for a
/// keyword that is not supported (none is ever ignored), for a schema that allows no value, and for
/// one whose alternatives would take too much time or memory.
/// Cost: bounded by a budget of steps.
Result<Schema> compileSchema(std::string_view text);
/// The same within what is left of a budget that several schemas have together.
Result<Schema> compileSchema(std::string_view text, schema::Budget &budget);

/// One text on its way. Its whole state is in it; it is for one thread.
class Constraint {
public:
  /// \param ends  ids that end the text; they are allowed where it may end.
  Constraint(Schema schema, std::shared_ptr<const TokenTrie> vocabulary,
             std::vector<int32_t> ends = {});
  ~Constraint();
  Constraint(Constraint &&) noexcept;
  Constraint &operator=(Constraint &&) noexcept;

  /// The tokens that may come next, token t being bit t % 64 of word t / 64: those behind which
  /// there is a text that the schema allows, and none else. Valid until the next call.
  /// Cost: that of a walk over the vocabulary the first time that a place in the schema is come to,
  /// less from then on.
  std::span<const uint64_t> allowed();

  /// Goes on behind a token. \returns whether it was allowed; if not, nothing has changed. An id
  /// that ends the text changes nothing either.
  bool take(int32_t token);
  /// The same of bytes that did not come as tokens.
  bool takeText(std::string_view bytes);

  /// Whether what stands is a whole value. More may still come, to a number.
  bool mayEnd() const;

  /// Begins anew.
  void restart();

private:
  class Walker;
  std::unique_ptr<Walker> walker;
};

} // namespace osscc::rt
