// Ids that an answer must not have, since they stand for no text.
#pragma once

#include "runtime/sample/Sampler.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <span>
#include <vector>

namespace osscc::rt {

/// The ids below `vocabulary` without a text: rows of the head that pad it, holes of the tokenizer,
/// and special tokens that are kept for later ("<|reserved_200000|>"). For Sampler::forbid().
///
/// \param eos  ids that end an answer: they are never among them.
std::vector<IdRange> silentIds(const Tokenizer &tokenizer, int64_t vocabulary,
                               std::span<const int32_t> eos);

} // namespace osscc::rt
