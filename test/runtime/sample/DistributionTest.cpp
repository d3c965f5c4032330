#include "runtime/sample/Distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

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

/// Weights that tell tokens apart: what is left of them says which were kept.
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
        EXPECT_NEAR(distribution.mass(), double(std::min(count, size)), 1e-3);
        // The last that is kept is the only one with all but one before it.
        int64_t last = std::min(count, size) - 1;
        for (int i = 0; i < 20; ++i) {
          int32_t token = distribution.draw(1e-9, random);
          EXPECT_EQ(token, order[0]);
        }
        bool drawn = false;
        for (int i = 0; i < 50 && !drawn; ++i)
          drawn = std::find(order.begin(), order.begin() + last + 1,
                            distribution.draw(1e9, random)) != order.begin() + last + 1;
        EXPECT_TRUE(drawn);
      }
    }
}

} // namespace
} // namespace osscc::rt
