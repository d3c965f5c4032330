#include "runtime/base/Interrupt.h"

namespace osscc::rt {
namespace {

int64_t flag = 0; // a signal handler can reach nothing but a global

} // namespace

const int64_t *interruptFlag() {
  return &flag;
}

bool isInterrupted() {
  return __atomic_load_n(&flag, __ATOMIC_RELAXED) != 0;
}

bool raiseInterrupt() {
  return __atomic_exchange_n(&flag, 1, __ATOMIC_RELAXED) != 0;
}

void clearInterrupt() {
  __atomic_store_n(&flag, 0, __ATOMIC_RELAXED);
}

} // namespace osscc::rt
