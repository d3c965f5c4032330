#include "runtime/device/Stack.h"

#include "runtime/base/Say.h"
#include "runtime/base/Status.h"

#include <cstdint>

#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

/// Two stacks: the caller's, and the one that the body runs on.
struct Switch {
  const std::function<int()> *body;
  int result = 0;
  ucontext_t caller, own;
};

// makecontext(3) hands over integers only.
Switch *active = nullptr;

void enter() {
  active->result = (*active->body)();
}

} // namespace

size_t stackLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return SIZE_MAX;
  return limit.rlim_cur;
}

int withEnoughStack(const std::function<int()> &body) {
  if (stackLimit() >= kStackBytes)
    return body();
  auto page = size_t(sysconf(_SC_PAGESIZE));
  Switch both{.body = &body, .result = 0, .caller = {}, .own = {}};
  void *memory = mmap(nullptr, kStackBytes + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  // Stacks grow downwards: who runs over the end meets a page that cannot be touched.
  if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0 ||
      getcontext(&both.own) != 0) {
    say("error: memory: no stack of {} MiB can be had\nhelp: raise `ulimit -s`\n",
        kStackBytes >> 20);
    return exitCode(Code::kOutOfMemory);
  }
  both.own.uc_stack.ss_sp = static_cast<char *>(memory) + page;
  both.own.uc_stack.ss_size = kStackBytes;
  both.own.uc_link = &both.caller;
  active = &both;
  makecontext(&both.own, enter, 0);
  swapcontext(&both.caller, &both.own);
  munmap(memory, kStackBytes + page);
  return both.result;
}

} // namespace osscc::rt
