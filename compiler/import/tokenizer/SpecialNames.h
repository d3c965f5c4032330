// The tokens that a tokenizer gives a role by name: where a text begins, where an answer ends. Chat
// templates see them as `bos_token` and so on.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"
#include "compiler/import/json/FolderJson.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <optional>
#include <string>

namespace osscc {

/// Texts of the named tokens. A role that is null is absent; one that is "" is there, as templates
/// see it.
struct SpecialNames {
  std::optional<std::string> bos, eos, pad, unk, cls, sep, mask;
  /// Further roles under their whole names, as "image_token".
  std::map<std::string, std::string> extra;

  /// Visits each role as a template spells it ("bos_token") with its text; `extra` comes last.
  void forEach(llvm::function_ref<void(llvm::StringRef name, llvm::StringRef text)> visit) const;
};

/// Reads the roles of a Hugging Face folder: `tokenizer_config.json`, over it the older
/// `special_tokens_map.json` where the first has no `added_tokens_decoder`, and for roles that
/// neither mentions the defaults of `tokenizer_class`. A role is a text or an AddedToken object
/// with `content`; null takes the default away.
///
/// \returns no roles for a folder without the files.
/// \errors  InputError naming the field for a role of another type, and those of readJsonFile.
llvm::Expected<SpecialNames> readSpecialNames(FolderJson &folder);

/// Reads the roles of a .gguf file: the keys `tokenizer.ggml.*_token_id`. An id beyond the
/// vocabulary, as 4294967295 is, names no token.
llvm::Expected<SpecialNames> readGgufSpecialNames(const GgufFile &file);

} // namespace osscc
