// Fields of a config that nobody read: harmless ones pass, those that would change the model's
// numbers are refused by name.
#pragma once

#include "compiler/import/json/Json.h"

namespace osscc {

/// Fails on the first field, in the order of names, that was not read, is not known to be harmless,
/// has a name that speaks of numbers (rope, bias, window, scale...) and a value that is not
/// neutral.
void checkUnreadFields(JsonFields &fields);

} // namespace osscc
