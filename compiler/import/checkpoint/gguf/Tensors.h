// The tensors of a .gguf file under the names that a Hugging Face checkpoint has for them.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"
#include "compiler/import/checkpoint/gguf/Config.h"
#include "support/Notes.h"

namespace osscc {

/// All tensors but those that readGgufRopeDivisors reads.
///
/// \param notes  takes tensors of a head that ranks texts, which are left out.
/// \errors  InputError for a tensor that no model of the architecture has.
llvm::Expected<Checkpoint>
readGgufTensors(const GgufFile &file, const GgufArchitecture &architecture, Notes *notes = nullptr);

/// The tensor `rope_factors_long.weight`, or that of the short ones: what the frequencies of a long
/// rope are divided by; empty if there is none.
///
/// \errors  InputError for another type or shape, and for a number that is not positive and finite.
llvm::Expected<std::vector<float>> readGgufRopeFactors(const GgufFile &file, llvm::StringRef name);

/// The tensor `rope_freqs.weight`: what the frequencies of rope are divided by, d/2 numbers; this
/// is how GGUF spells llama3 scaling. Empty without the tensor.
///
/// \param headSize  d.
/// \errors  InputError for another shape or type, and for numbers that are not positive and finite.
llvm::Expected<std::vector<float>> readGgufRopeDivisors(const GgufFile &file, int64_t headSize);

} // namespace osscc
