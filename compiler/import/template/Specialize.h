// A chat template with some of its variables known: what they decide is decided here, once.
#pragma once

#include "compiler/import/template/Constants.h"

namespace osscc {

/// Puts constants in the place of variables and folds what follows from them: conditions, `is
/// defined`, comparisons, `default`, joined texts. Statements that are never reached are dropped,
/// with every string that only they use, and so is the Jinja text. A variable that what is left
/// still assigns begins with its value instead.
///
/// Renders as before with these values given, whatever else is given; the values that a request
/// gives to these variables do not count any more.
void specializeTemplate(bundle::TemplateT &program, const TemplateConstants &constants);

} // namespace osscc
