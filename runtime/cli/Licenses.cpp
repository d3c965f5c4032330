// The licence of the weights, for whoever has the executable and not the checkpoint.
#include "runtime/base/File.h"
#include "runtime/cli/Commands.h"

#include <fmt/format.h>

#include <iterator>

namespace osscc::rt::cli {

Status runLicenses(const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  const bundle::Model &model = *index.model();
  std::string out =
      fmt::format("The weights of {}: {}", model.name()->string_view(),
                  model.licence() ? model.licence()->string_view() : std::string_view("unknown"));
  if (model.licence_class() != bundle::LicenceClass::Unknown)
    fmt::format_to(std::back_inserter(out), ", {}", nameOf(model.licence_class()));
  out += '\n';
  for (size_t i = 0; index.licences() && i < index.licences()->size(); ++i) {
    const bundle::LicenceText *each = index.licences()->Get(i);
    std::string_view text = each->text()->string_view();
    fmt::format_to(std::back_inserter(out), "\n{}\n{:-<{}}\n{}{}", each->file()->string_view(), "",
                   each->file()->size(), text, text.ends_with('\n') ? "" : "\n");
  }
  if (!index.licences() || index.licences()->size() == 0)
    out += "The checkpoint that this was made from had no text of it.\n";
  return writeOutput(out);
}

std::string_view nameOf(bundle::LicenceClass kind) {
  switch (kind) {
  case bundle::LicenceClass::Permissive:
    return "permissive";
  case bundle::LicenceClass::Restricted:
    return "restricted";
  case bundle::LicenceClass::Unknown:
    break;
  }
  return "unknown";
}

} // namespace osscc::rt::cli
