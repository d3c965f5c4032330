// What a card is told of a call: a copy of OssccCall whose pointers are the card's, and behind it
// the arrays that differ from call to call, so that one copy brings all.
//
//   OssccCall | tokens [T] | positions [T] | sequences [T] | outputs [O]      8 bytes each
#pragma once

#include "runtime/abi/Abi.h"

#include <cstdint>

namespace osscc::rt::cuda {

/// Bytes of a call of `rows` rows and `outputs` output rows.
constexpr int64_t deviceCallBytes(int64_t rows, int64_t outputs) {
  return int64_t(sizeof(OssccCall)) + (3 * rows + outputs) * int64_t(sizeof(int64_t));
}

/// Writes to `staging` what will lie at `call.device_call`.
///
/// \param staging  deviceCallBytes() of the host's memory, aligned to 8.
/// \param call  the host's: its arrays of rows are the host's; arena, caches and output are the
/// card's already.
/// \param weights  the card's array of its weights' addresses.
void stageCall(uint8_t *staging, const OssccCall &call, const void *const *weights);

/// What OssccCall.extent is for a longest text of `positions` positions: the next power of two from
/// 256, or the context where that is less.
int64_t extentFor(int64_t positions, int64_t context);

} // namespace osscc::rt::cuda
