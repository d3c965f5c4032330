// What the executable can be asked to do, one function a command. Each prints its answer on
// standard output and whatever else there is to say on standard error; each lies in the file of its
// name.
#pragma once

#include "runtime/cli/Assistant.h"

#include <span>
#include <vector>

namespace osscc::rt::cli {

Status
runAnswer(const Assistant &assistant); ///< Answer.cpp: one question, or a chat (chat/Repl.cpp)
Status runTokenize(const Assistant &assistant);   ///< Tokenize.cpp
Status runDetokenize(const Assistant &assistant); ///< Tokenize.cpp
Status runRender(const Assistant &assistant);     ///< Render.cpp
Status runParse(const Assistant &assistant);      ///< Parse.cpp
Status runScore(const Assistant &assistant);      ///< Score.cpp
Status runBench(const Assistant &assistant);      ///< Bench.cpp
Status runServe(const Assistant &assistant);      ///< Serve.cpp
Status runCard(const Assistant &assistant);       ///< Card.cpp
Status runInspect(const Assistant &assistant);    ///< Inspect.cpp
Status runLicenses(const Assistant &assistant);   ///< Licenses.cpp
Status runVerify(const Assistant &assistant);     ///< Verify.cpp

/// "permissive", "restricted" or "unknown"; Licenses.cpp.
std::string_view nameOf(bundle::LicenceClass kind);

/// Reads a JSON array of token ids below `vocabulary`. \errors  kInvalidArgument naming `where`.
Result<std::vector<int32_t>> parseIds(std::string_view json, std::string_view where,
                                      int64_t vocabulary);

/// "[1,2,3]".
std::string formatIds(std::span<const int32_t> ids);

} // namespace osscc::rt::cli
