// The activations of the llm dialect, in double.
#pragma once

#include "dialects/llm/Llm.h"

namespace osscc::reference {

/// What an MLP makes of one element of its gate and of its up projection.
double activate(llm::ActivationAttr activation, double gate, double up);

} // namespace osscc::reference
