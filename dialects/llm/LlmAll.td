// All of the llm dialect: what its parser of types and its page are made from.

#ifndef OSSCC_DIALECTS_LLM_LLMALL_TD
#define OSSCC_DIALECTS_LLM_LLMALL_TD

include "dialects/llm/LlmOps.td"
include "dialects/llm/LlmRecurrence.td"
include "dialects/llm/LlmStreams.td"

#endif // OSSCC_DIALECTS_LLM_LLMALL_TD
