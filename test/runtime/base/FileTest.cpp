#include "runtime/base/File.h"

#include "runtime/base/AlignedBuffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The sanitizer ends a program that asks for too much, unless it is told not to.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace osscc::rt {
namespace {

using testing::HasSubstr;

TEST(File, WhatIsWrittenIsRead) {
  std::string path = testing::TempDir() + "/file-test";
  std::string bytes(200000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = char(i * 31);
  auto out = OutputFile::create(path);
  ASSERT_TRUE(out);
  ASSERT_TRUE(out->write(bytes));
  ASSERT_TRUE(out->close());
  EXPECT_EQ(*readAll(path), bytes);
  std::remove(path.c_str());
}

TEST(File, ErrorsNameTheFileAndTheReason) {
  auto absent = readAll("/no/such/file");
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr("/no/such/file: cannot be read: No such file"));
  EXPECT_EQ(exitCode(absent.error().code), 1);
  EXPECT_FALSE(readAll("/"));
  EXPECT_FALSE(OutputFile::create("/no/such/file"));
}

TEST(File, AFullDiskIsAnError) {
  auto out = OutputFile::create("/dev/full");
  if (!out)
    GTEST_SKIP() << "no /dev/full here";
  bool failed = !out->write(std::string(100000, 'x'));
  failed |= !out->close();
  EXPECT_TRUE(failed);
}

TEST(AlignedBuffer, AlignsAndZeroes) {
  for (int64_t align : {1, 16, 64, 4096}) {
    auto buffer = AlignedBuffer::allocate(100, align, true);
    ASSERT_TRUE(buffer);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % align, 0u);
    EXPECT_EQ(buffer->data()[99], 0);
  }
  EXPECT_EQ(AlignedBuffer::allocate(0, 64, true)->data(), nullptr);
}

TEST(AlignedBuffer, RefusesWhatCannotBe) {
  EXPECT_FALSE(AlignedBuffer::allocate(-1, 64, false));
  EXPECT_FALSE(AlignedBuffer::allocate(8, 3, false));
  EXPECT_FALSE(AlignedBuffer::allocate(8, 0, false));
  EXPECT_EQ(exitCode(AlignedBuffer::allocate(int64_t(1) << 60, 64, false).error().code), 75);
  EXPECT_FALSE(AlignedBuffer::allocate(INT64_MAX, 64, false));
}

} // namespace
} // namespace osscc::rt
