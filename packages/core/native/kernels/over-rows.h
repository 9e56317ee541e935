// Rows, shared among the crew.
#pragma once

#include <algorithm>

#include "crew.h"

namespace draft {

// Calls work(row) for all rows.
template <class Work>
void OverRows(int rows, const Work& work) {
  const int parts = Hands() == 1 ? 1 : std::min(4 * Hands(), std::max(1, rows / 8));
  InParallel(parts, [&](int part) {
    const auto [from, to] = PartOf(rows, parts, part);
    for (int row = from; row < to; ++row) work(row);
  });
}

}  // namespace draft
