// A hand-written module in place of a compiled one: small enough to compute by hand, but with all
// that emitted code does: blocks from the shared counter, barriers, weights, pages.
//
// The state of a row is the sum of the weights of all tokens up to it: s(p) = sum over j <= p of
// w[token(j)], in uint64. Its logits are l[v] = float((s * 31 + v * 7) mod 17), so the next token
// is found by hand too.
//
// The windowed module has a second layer, which sees the last kWindow states alone:
// z(p) = sum over p - kWindow < j <= p of s(j), and logits of z; its cache is a ring.
//
// The stateful module has a first layer whose past is a state, r(p) = 3 * r(p - 1) + w[token(p)],
// and a second that sums the r of all positions up to a row's own: logits of that sum.
#pragma once

#include "runtime/abi/Abi.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace osscc::rt::test {

constexpr int64_t kVocabulary = 11;
constexpr int64_t kContext = 40;
constexpr int64_t kMaxRows = 7;
constexpr int64_t kRowsPerPage = 4;
constexpr int64_t kWindow = 6;
constexpr int64_t kWindowedContext = 200;

/// The module. `features` of its only model is empty: it runs on any CPU.
const OssccModule &fakeModule();

/// The payload that it needs: w[v] = v * v + 1.
std::span<const std::byte> fakeWeights();

/// The logits after `tokens`, computed plainly.
std::vector<float> expectedLogits(std::span<const int32_t> tokens);

/// The module with a window.
const OssccModule &windowedModule();

/// Its logits after `tokens`, computed plainly.
std::vector<float> windowedLogits(std::span<const int32_t> tokens);

/// The module with a state.
const OssccModule &statefulModule();

/// Its logits after `tokens`, computed plainly.
std::vector<float> statefulLogits(std::span<const int32_t> tokens);

/// Where not null, the layer with a state stores 1 there: an interrupt in the middle of a call that
/// has fewer rows than the most.
inline int64_t *interruptInState = nullptr;

/// The id that greedy sampling takes after `tokens`.
int32_t expectedNext(std::span<const int32_t> tokens);

} // namespace osscc::rt::test
