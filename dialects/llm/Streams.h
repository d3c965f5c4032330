// The ops of streams of rows and of sparse gates, as LlmStreams.td defines them.
#pragma once

#include "dialects/llm/Llm.h"

#define GET_OP_CLASSES
#include "dialects/llm/LlmStreams.h.inc"
