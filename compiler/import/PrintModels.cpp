#include "compiler/import/PrintModels.h"

#include "compiler/import/Licence.h"
#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Published.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace osscc {

static StringRef nameOf(bundle::LicenceClass kind) {
  return kind == bundle::LicenceClass::Permissive   ? "permissive"
         : kind == bundle::LicenceClass::Restricted ? "restricted"
                                                    : "unknown";
}

static void print(const PublishedFamily &family, raw_ostream &out) {
  for (const PublishedModel &model : family.models) {
    out << "  " << model.name << ": " << model.licence << " ("
        << nameOf(classifyLicence(model.licence)) << ")";
    if (!model.reasoning.empty())
      out << ", reasons in " << model.reasoning;
    out << "\n";
  }
  if (!family.tested.empty())
    out << "  tested as " << join(family.tested, " ") << "\n";
}

std::string printModels() {
  std::string text;
  raw_string_ostream out(text);
  for (const Family &family : families()) {
    out << family.modelType << ": safetensors";
    for (const GgufArchitecture &architecture : ggufArchitectures())
      if (architecture.modelType == family.modelType)
        out << ", gguf of " << architecture.name;
    out << "\n";
    for (const PublishedFamily &each : publishedFamilies())
      if (each.modelType == family.modelType)
        print(each, out);
  }
  return text;
}

} // namespace osscc
