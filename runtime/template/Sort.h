// A stable sort that keeps within its memory whatever the comparison says: values may have no order
// (NaN), and comparing them may fail halfway.
#pragma once

#include <algorithm>
#include <vector>

namespace osscc::rt {

/// Sorts by merging; `isLess` may answer anything.
template <class Item, class Less> void mergeSort(std::vector<Item> &items, Less isLess) {
  std::vector<Item> merged(items.size());
  for (size_t run = 1; run < items.size(); run *= 2) {
    for (size_t begin = 0; begin < items.size(); begin += 2 * run) {
      size_t middle = std::min(begin + run, items.size()),
             end = std::min(begin + 2 * run, items.size());
      for (size_t left = begin, right = middle, at = begin; at < end; ++at) {
        bool takesRight = left == middle || (right < end && isLess(items[right], items[left]));
        merged[at] = std::move(items[takesRight ? right++ : left++]);
      }
    }
    items.swap(merged);
  }
}

} // namespace osscc::rt
