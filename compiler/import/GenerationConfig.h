// generation_config.json: how the model's authors would have answers sampled, and what ends one.
#pragma once

#include "compiler/import/ModelFiles.h"
#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Reads the file; without one, the ids that config.json gives and no other defaults.
///
/// \param end  the tokenizer's own end of a text, which ends answers beside the ids of the files.
/// \errors  InputError naming the field: a wrong type, a value out of range, a way of sampling that
///          osscc does not have. A slip that changes no answer goes to `notes`.
llvm::Expected<std::unique_ptr<bundle::GenerationT>>
readGenerationConfig(const ModelFiles &files, const ModelSpec &spec, std::optional<int64_t> end,
                     Notes *notes = nullptr);
/// The same of fields in memory, whose notes go where they collect them.
llvm::Expected<std::unique_ptr<bundle::GenerationT>>
readGenerationConfig(JsonFields &fields, const ModelSpec &spec, std::optional<int64_t> end);

} // namespace osscc
