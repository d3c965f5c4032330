// Renders a template program on a fixed conversation, within a bound that keeps a fuzzer busy with
// other things than loops.
#pragma once

#include "runtime/bundle/Template_generated.h"

namespace osscc::fuzz {

void render(const bundle::Template &program);

} // namespace osscc::fuzz
