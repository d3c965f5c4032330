#include "runtime/base/File.h"

#include "runtime/base/AlignedBuffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

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

TEST(File, WhatHasNoEndIsReadToTheLimit) {
  auto endless = readAll("/dev/zero", {1000, "which is enough"});
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().message, "/dev/zero: longer than 1000 bytes, which is enough");
  std::string path = testing::TempDir() + "/limit-test";
  ASSERT_TRUE(writeFile(path, std::string(1000, 'x'), Existing::kReplace));
  EXPECT_EQ(readAll(path, {1000, ""})->size(), 1000u);
  EXPECT_FALSE(readAll(path, {999, ""}));
  std::remove(path.c_str());
}

struct WrittenFile : testing::Test {
  std::filesystem::path folder = testing::TempDir() + "/written";

  WrittenFile() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
  }
  ~WrittenFile() override { std::filesystem::remove_all(folder); }

  std::string put(const char *name, const char *text) const {
    std::string path = folder / name;
    EXPECT_TRUE(writeFile(path, text, Existing::kReplace));
    return path;
  }
  size_t files() const {
    return size_t(std::distance(std::filesystem::directory_iterator(folder), {}));
  }
};

TEST_F(WrittenFile, IsReplacedWholeAndLeavesNeighboursAlone) {
  std::string neighbour = put("a.new", "mine"), other = put(".a", "mine too"),
              path = put("a", "old");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);
  ASSERT_TRUE(writeFile(path, "new", Existing::kReplace));
  EXPECT_EQ(*readAll(path), "new");
  EXPECT_EQ(*readAll(neighbour), "mine");
  EXPECT_EQ(*readAll(other), "mine too");
  EXPECT_EQ(files(), 3u);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(WrittenFile, ThatIsToBeKeptIsKept) {
  std::string path = put("a", "old");
  auto status = writeFile(path, "new", Existing::kKeep);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("a: cannot be written: File exists"));
  EXPECT_EQ(*readAll(path), "old");
  EXPECT_EQ(files(), 1u);
  EXPECT_TRUE(writeFile(folder / "b", "new", Existing::kKeep));
}

TEST_F(WrittenFile, ALinkStaysALink) {
  std::string path = put("a", "old");
  std::filesystem::create_symlink("a", folder / "link");
  ASSERT_TRUE(writeFile(folder / "link", "new", Existing::kReplace));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(*readAll(path), "new");
}

TEST_F(WrittenFile, ThatFailsLeavesNothing) {
  std::filesystem::create_directory(folder / "a");
  EXPECT_FALSE(writeFile(folder / "a", "new", Existing::kReplace));
  EXPECT_FALSE(writeFile(folder / "none" / "a", "new", Existing::kReplace));
  EXPECT_FALSE(writeFile(folder / std::string(256, 'x'), "new", Existing::kReplace));
  EXPECT_TRUE(writeFile(folder / std::string(255, 'x'), "new", Existing::kReplace));
  EXPECT_EQ(files(), 2u);
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
