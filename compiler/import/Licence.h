// The licence of the weights: what a checkpoint says of it, what it lets one do, and its text.
#pragma once

#include "compiler/import/ModelFiles.h"
#include "runtime/bundle/Bundle_generated.h"
#include "support/Notes.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <string>
#include <vector>

namespace osscc {

struct Licence {
  std::string name = "unknown"; ///< As hubs write it: "apache-2.0", "llama3.2".
  bundle::LicenceClass kind = bundle::LicenceClass::Unknown;
  std::vector<std::unique_ptr<bundle::LicenceTextT>> texts; ///< Files that travel with the weights.
};

/// What the licence of a name lets one do; unknown for a name of no row.
bundle::LicenceClass classifyLicence(llvm::StringRef name);

/// The same of a licence's text, by sentences that only it has. \returns "unknown" for a text of
/// which none is known.
Licence recognizeLicence(llvm::StringRef text);

/// The licence of a folder: the `license:` of the model card (README.md), of `other` the
/// `license_name:`; without a card that says so, what LICENSE is recognized as. Where both speak,
/// the stricter counts, and `notes` tells of it. A file that cannot be read goes to `notes`.
Licence readLicence(const ModelFiles &files, Notes *notes = nullptr);

/// The files that readLicence() takes texts from, of those that the folder has.
std::vector<std::string> licenceFiles(const ModelFiles &files);

} // namespace osscc
