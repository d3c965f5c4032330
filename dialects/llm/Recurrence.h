// States and the ops that change them, as LlmState.td and LlmRecurrence.td define them.
#pragma once

#include "dialects/llm/Llm.h"

#define GET_TYPEDEF_CLASSES
#include "dialects/llm/LlmState.h.inc"

#define GET_OP_CLASSES
#include "dialects/llm/LlmRecurrence.h.inc"
