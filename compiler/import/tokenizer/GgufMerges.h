// Merges of a vocabulary that orders its pieces by scores, as SentencePiece does.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"

namespace osscc {

/// The merges that make each piece of two others, the piece of the highest score first. Pieces of
/// the same score keep the order of their ids, and those of one piece that of their left halves.
///
/// \param vocabulary  pieces, UTF-8, and their ids; of pieces given twice the last counts.
/// \param scores      by id.
/// \errors  InputError for a score that is not a number, and for more than 2^24 merges.
llvm::Expected<std::vector<std::pair<std::string, std::string>>>
mergesOfScores(const GgufFile &file, llvm::ArrayRef<std::pair<std::string, int64_t>> vocabulary,
               llvm::ArrayRef<double> scores);

} // namespace osscc
