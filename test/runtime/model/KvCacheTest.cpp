#include "runtime/model/KvCache.h"

#include "runtime/base/AlignedBuffer.h"

#include <gtest/gtest.h>

// The sanitizer ends a program that asks for too much, unless it is told not to.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace osscc::rt {
namespace {

OssccCacheGroup group(int64_t kind, int64_t window = 0) {
  return {sizeof(OssccCacheGroup), kind, 4, 256, 128, window, 1};
}

TEST(KvCache, PagesComeWithTheRowsThatNeedThem) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  KvCache cache(groups, 12, 8);
  int64_t sequence = cache.addSequence();
  auto page = [&](int64_t p) { return cache.tables()[0][sequence][p]; };
  EXPECT_EQ(page(0), nullptr);
  ASSERT_TRUE(cache.reserve(sequence, 5));
  EXPECT_NE(page(1), nullptr);
  EXPECT_EQ(page(2), nullptr);
  EXPECT_EQ(cache.bytes(), 512);
  for (int64_t p : {0, 1}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(page(p)) % 128, 0u);
    for (int b = 0; b < 256; ++b)
      ASSERT_EQ(page(p)[b], 0);
  }
}

TEST(KvCache, PagesStayWhereTheyAre) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  KvCache cache(groups, 12, 8);
  cache.addSequence();
  ASSERT_TRUE(cache.reserve(0, 1));
  uint8_t *first = cache.tables()[0][0][0];
  *first = 7;
  for (int s = 1; s < 20; ++s) {
    cache.addSequence();
    ASSERT_TRUE(cache.reserve(s, 12));
  }
  ASSERT_TRUE(cache.reserve(0, 12));
  EXPECT_EQ(cache.tables()[0][0][0], first);
  EXPECT_EQ(*first, 7);
}

TEST(KvCache, AWindowIsARing) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_WINDOW, 7)};
  KvCache cache(groups, 1000, 8);
  cache.addSequence();
  ASSERT_TRUE(cache.reserve(0, 1000));
  // 7 + 8 - 1 = 14 positions would be 4 pages of 4, but those from 3 to 16 lie in 5.
  EXPECT_EQ(cache.bytes(), 5 * 256);
  EXPECT_EQ(cache.bytesFor(1000), 5 * 256);
  EXPECT_EQ(cache.bytesFor(9), 3 * 256);
}

// Whatever a call begins with, what its rows see lies in pages of their own.
TEST(KvCache, ARingHoldsTheWindowAndTheRowsOfACall) {
  for (int64_t window : {1, 2, 63, 64, 65, 128, 4096})
    for (int64_t rows : {1, 2, 64, 512})
      for (int64_t begin = 0; begin < 130; ++begin) {
        int64_t last = begin + window + rows - 2, pages = last / 64 - begin / 64 + 1;
        ASSERT_LE(pages, osscc_ring_pages(window, rows, 64)) << window << " " << rows;
      }
  EXPECT_EQ(osscc_ring_pages(128, 512, 64), 11);
}

TEST(KvCache, ReleaseGivesBackTheTail) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  KvCache cache(groups, 12, 8);
  cache.addSequence();
  ASSERT_TRUE(cache.reserve(0, 12));
  EXPECT_EQ(cache.rewind(0, 4), 4);
  EXPECT_EQ(cache.bytes(), 256);
  EXPECT_EQ(cache.tables()[0][0][1], nullptr);
  EXPECT_EQ(cache.rewind(0, 0), 0);
  EXPECT_EQ(cache.bytes(), 0);
}

TEST(KvCache, PagesThatComeAgainAreZero) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  KvCache cache(groups, 12, 8);
  cache.addSequence();
  ASSERT_TRUE(cache.reserve(0, 12));
  cache.tables()[0][0][2][255] = 7;
  EXPECT_EQ(cache.rewind(0, 4), 4);
  ASSERT_TRUE(cache.reserve(0, 12));
  EXPECT_EQ(cache.tables()[0][0][2][255], 0);
}

// 5 MiB a page: three are a slab on huge pages, the fourth and the rest of the context another.
TEST(KvCache, SlabsFollowEachOther) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  groups[0].bytes_per_page = (5 << 20) - 100;
  KvCache cache(groups, 20, 8);
  cache.addSequence();
  ASSERT_TRUE(cache.reserve(0, 20));
  auto page = [&](int64_t p) { return cache.tables()[0][0][p]; };
  EXPECT_EQ(reinterpret_cast<uintptr_t>(page(0)) % AlignedBuffer::kHugePage, 0u);
  EXPECT_EQ(page(2) - page(0), 10 << 20);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(page(3)) % AlignedBuffer::kHugePage, 0u);
  for (int64_t p = 0; p < 5; ++p)
    page(p)[groups[0].bytes_per_page - 1] = uint8_t(p);
  EXPECT_EQ(cache.rewind(0, 12), 12);
  EXPECT_EQ(page(3), nullptr);
  EXPECT_EQ(page(2)[groups[0].bytes_per_page - 1], 2);
}

TEST(KvCache, MemoryThatCannotBeHadIsAnError) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  groups[0].bytes_per_page = int64_t(1) << 60;
  KvCache cache(groups, 12, 8);
  cache.addSequence();
  auto status = cache.reserve(0, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(exitCode(status.error().code), 75);
}

// 5 MiB a page, three a slab: each slab asks again, and what others took meanwhile is seen.
TEST(KvCache, EachSlabLooksAtTheMemoryAgain) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL), group(OSSCC_CACHE_FULL)};
  groups[0].bytes_per_page = groups[1].bytes_per_page = (5 << 20) - 100;
  int64_t available = int64_t(100) << 20;
  int asked = 0;
  KvCache cache(groups, 80, 8, [&]() -> std::optional<int64_t> {
    ++asked;
    return available;
  });
  cache.addSequence();
  EXPECT_NEAR(double(cache.missingBytes(0, 12)), double(30 << 20), 1 << 20);
  EXPECT_NEAR(double(cache.missingBytes(0, 13)), double(60 << 20), 1 << 20);
  ASSERT_TRUE(cache.reserve(0, 12));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(cache.missingBytes(0, 12), 0);
  ASSERT_TRUE(cache.reserve(0, 12));
  EXPECT_EQ(asked, 2);
  available = int64_t(16) << 20; // a slab, but nothing beside it
  auto status = cache.reserve(0, 13);
  ASSERT_FALSE(status);
  EXPECT_EQ(exitCode(status.error().code), 75);
  EXPECT_NE(status.error().message.find("16.8 MB are available"), std::string::npos)
      << status.error().message;
  available = int64_t(100) << 20;
  ASSERT_TRUE(cache.reserve(0, 13));
  EXPECT_NE(cache.tables()[1][0][3], nullptr);
}

TEST(KvCache, SmallSlabsNeedLittleBesideThem) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL)};
  KvCache cache(groups, 12, 8, [] { return std::optional<int64_t>(2000); });
  cache.addSequence();
  EXPECT_TRUE(cache.reserve(0, 12));
  KvCache tight(groups, 12, 8, [] { return std::optional<int64_t>(800); });
  tight.addSequence();
  EXPECT_FALSE(tight.reserve(0, 12));
  KvCache unknown(groups, 12, 8, [] { return std::optional<int64_t>(); });
  unknown.addSequence();
  EXPECT_TRUE(unknown.reserve(0, 12));
}

TEST(KvCache, BytesThatOverflowAreMissing) {
  OssccCacheGroup groups[] = {group(OSSCC_CACHE_FULL), group(OSSCC_CACHE_FULL)};
  groups[0].bytes_per_page = groups[1].bytes_per_page = INT64_MAX - 200;
  KvCache cache(groups, 12, 8, [] { return std::optional<int64_t>(1 << 30); });
  cache.addSequence();
  EXPECT_EQ(cache.missingBytes(0, 12), INT64_MAX);
  EXPECT_EQ(exitCode(cache.checkRoom(INT64_MAX).error().code), 75);
}

} // namespace
} // namespace osscc::rt
