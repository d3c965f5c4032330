// The metadata of a .gguf file as the fields that config.json and generation_config.json would
// hold, so that a family reads both formats alike.
#pragma once

#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/checkpoint/gguf/File.h"

namespace osscc {

/// \errors  InputError for an architecture that osscc does not know, naming those it does, and for
/// a
///          file that is no model: an adapter, a projector.
llvm::Expected<const GgufArchitecture *> findGgufArchitecture(const GgufFile &file);

/// Fields as a Hugging Face file would hold them, and the key in the .gguf file of each.
struct GgufFields {
  llvm::json::Object fields; ///< Texts point into the file's header.
  llvm::StringMap<std::string> keys;
};

/// The fields of config.json. Keys of the architecture that have no field stand for themselves, so
/// that checkUnreadFields judges them.
///
/// \errors  InputError for a key that is missing, an array where one value was expected, values
/// that
///          differ from layer to layer, rope on a part of each head, values as wide as keys are
///          not, and a scaling of positions other than none, linear and YaRN.
llvm::Expected<GgufFields> readGgufConfig(const GgufFile &file,
                                          const GgufArchitecture &architecture);

/// The fields of generation_config.json: the keys `general.sampling.*`.
llvm::Expected<GgufFields> readGgufGeneration(const GgufFile &file);

/// `general.license`, of "other" `general.license.name`; unknown without one that is plain.
llvm::Expected<std::string> readGgufLicence(const GgufFile &file);

} // namespace osscc
