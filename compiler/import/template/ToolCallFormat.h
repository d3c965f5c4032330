// How a model calls tools, found by rendering a conversation in which it has called two.
#pragma once

#include "compiler/import/template/Probe.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <string>

namespace osscc {

/// The format of a table in which the runtime reads the calls back that a template has written.
/// Where the template writes none but knows tools, one whose mark stands in its strings or is a
/// token.
///
/// \param strings  names and texts of the template's program.
/// \param tokens   texts of added tokens.
/// \returns null for a template without tools, and for one whose calls are of no known format.
std::unique_ptr<bundle::ToolCallFormatT> findToolCallFormat(const TemplateProbe &probe,
                                                            llvm::ArrayRef<std::string> strings,
                                                            llvm::ArrayRef<std::string> tokens);

} // namespace osscc
