// The checkpoint's chat template (Jinja) as a program that the runtime renders. Parsed once, here;
// whatever the runtime could not run is refused with file, line and construct.
#pragma once

#include "runtime/bundle/Template_generated.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace osscc {

/// Parses Jinja source as Hugging Face's environment does: trim_blocks, lstrip_blocks, loop
/// controls, the globals raise_exception and strftime_now, and the `generation` block.
///
/// \param file  names the template in errors; its base name is stored.
/// \errors  InputError with "file:line" naming an unknown statement, filter, test, method or
/// function, wrong arguments,
///          a syntax error, nesting deeper than 100 levels, and those of lexTemplate.
llvm::Expected<std::unique_ptr<bundle::TemplateT>> parseTemplate(llvm::StringRef file,
                                                                 llvm::StringRef text);

} // namespace osscc
