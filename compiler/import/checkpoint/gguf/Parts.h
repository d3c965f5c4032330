// A model in several .gguf files, NAME-00001-of-00003.gguf and so on: the first holds the metadata,
// each holds some of the tensors.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"

namespace osscc {

/// What the name of a part says.
struct GgufPartName {
  llvm::StringRef base; ///< Path and name without the number.
  uint32_t number;      ///< From 1.
  uint32_t count;
};

/// Nothing if the name is not that of a part.
std::optional<GgufPartName> ggufPartName(llvm::StringRef path);

/// The whole file that a part belongs to; a file that is no part is whole.
///
/// \param part  any part. The others are found by its name, in its folder.
/// \errors  InputError naming the part: it is not called as a part is, another is missing, or says
///          that it is another part or one of another model; a tensor that is in two parts, or
///          fewer or more tensors than there should be.
llvm::Expected<GgufFile> readGgufParts(GgufFile part);
/// The same of all parts in memory, in order.
llvm::Expected<GgufFile> joinGgufParts(std::vector<GgufFile> parts);

} // namespace osscc
