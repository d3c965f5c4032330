// A model's chat template, run while the model is compiled: what it prints tells how it is used,
// and the reader of answers over it.
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace osscc {

/// The template called "default", with the model's special tokens. Plain C++20 outside, since the
/// renderer is of another language level than the compiler.
class TemplateProbe {
public:
  /// \param assets  its templates and special tokens are read, and copied.
  explicit TemplateProbe(const bundle::BundleT &assets);

  /// The text of a chat request in JSON (runtime/template/Request.h), on the first second of 1970.
  /// \returns nothing where the template refuses it, and without a template.
  std::optional<std::string> render(const std::string &request) const;

private:
  flatbuffers::DetachedBuffer program; ///< Empty without a template.
  std::vector<std::pair<std::string, std::string>> tokens;
};

/// A text as an executable reads it.
struct ProbedAnswer {
  struct Call {
    std::string name, arguments; ///< The latter as JSON.
  };
  std::vector<Call> calls;
  std::string content;
};

/// Reads the calls of tools in a text of this format; nothing where there is a fault.
std::optional<ProbedAnswer> readToolCalls(const bundle::ToolCallFormatT &format,
                                          const std::string &text);

} // namespace osscc
