#include "runtime/sample/Distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace osscc::rt {
namespace {

/// The tokens in the order that the header defines.
std::vector<int32_t> ordered(const std::vector<float> &logits) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  return order;
}

TEST(Distribution, KeepsTheFirstOfItsOrder) {
  Random random(1);
  for (int64_t size : {1, 5, 64, 100, 3000})
    for (int values : {1, 2, 7, 1 << 20}) { // equal logits too
      std::vector<float> logits(size);
      for (float &logit : logits)
        logit = float(random.next() % values) / float(values);
      std::vector<int32_t> order = ordered(logits);
      for (int64_t count : {1, 2, 4, 50, 99, 1000, 2999, 3000, 4000}) {
        Distribution distribution;
        ASSERT_TRUE(distribution.assign(logits));
        EXPECT_EQ(distribution.best(), order[0]);
        distribution.keepFirst(count);
        distribution.weigh(1e9); // all weigh the same
        int64_t keeps = std::min(count, size);
        EXPECT_NEAR(distribution.mass(), double(keeps), 1e-3);
        std::set<int32_t> kept(order.begin(), order.begin() + keeps), drawn;
        for (int64_t i = 0; i < std::min<int64_t>(20 * keeps, 400); ++i) {
          EXPECT_EQ(distribution.draw(1e-9, random), order[0]);
          int32_t token = distribution.draw(1e9, random);
          ASSERT_TRUE(kept.contains(token)) << token << ", " << count << " of " << size;
          drawn.insert(token);
        }
        if (keeps <= 4)
          EXPECT_EQ(drawn, kept);
      }
    }
}

} // namespace
} // namespace osscc::rt
