// The safetensors container.
//
//   | 8 bytes: N, little-endian | N bytes: JSON header | tensors, back to back |
//
// Source: the format's documentation; facts and limits in this header.
#pragma once

#include "compiler/import/checkpoint/Checkpoint.h"
#include "support/Notes.h"

namespace osscc {

/// Reads the header of a .safetensors file.
///
/// \errors  InputError for a file that is not as long as its header says, and for a header that
///          is malformed: longer than 100 MB, no object, a name given twice, an unknown dtype,
///          more than 8 dimensions, a shape whose bytes overflow or differ from the offsets',
///          offsets that leave a hole, overlap, or end before or behind the file's end.
llvm::Expected<Checkpoint> readSafetensors(llvm::StringRef path);

/// Reads model.safetensors.index.json and the headers of all files that it names. Whether the
/// tensors that a model needs are where the index says is for checkWeights: a file that is missing
/// may hold nothing that is needed.
///
/// \param notes  takes slips of the index's JSON.
/// \errors  also a file name that is not a plain base name ending in .safetensors.
llvm::Expected<Checkpoint> readSafetensorsIndex(llvm::StringRef path, Notes *notes = nullptr);

} // namespace osscc
