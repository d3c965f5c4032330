#include "runtime/cli/Signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

/// Reads a page of a mapped file that has been cut meanwhile.
void readBeyondTheEnd(const std::string &path, bool shared) {
  constexpr size_t kPage = 4096;
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ftruncate(file, kPage) != 0)
    return;
  void *bytes = mmap(nullptr, kPage, PROT_READ, shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED || ftruncate(file, 0) != 0)
    return;
  (void)*static_cast<volatile char *>(bytes);
}

TEST(SignalsDeathTest, ABusErrorElsewhereIsNotThePayloads) {
  for (bool shared : {true, false})
    EXPECT_EXIT(
        {
          explainMissingPages();
          readBeyondTheEnd(testing::TempDir() + "/osscc-cut-short", shared);
        },
        testing::KilledBySignal(SIGBUS), "no part of the executable");
}

TEST(SignalsDeathTest, ABusErrorThatWasSentIsNobodys) {
  EXPECT_EXIT(
      {
        explainMissingPages();
        raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "^$");
}

} // namespace
} // namespace osscc::rt::cli
