#include "nodes/reference/registration/runs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace mito::image {
namespace {

/// The runs of one row: [begin, end) of a list in raster order.
struct Row {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Row row_at(const Runs& runs, std::size_t begin) {
  auto end = begin;
  while (end < runs.size() && runs[end].y == runs[begin].y) ++end;
  return {begin, end};
}

/// Joins every run of `above` with those of the next row, `below`, that touch it, also at a corner.
void join_touching(const Runs& runs, const Row& above, const Row& below, DisjointSets& sets) {
  auto a = above.begin;
  auto b = below.begin;
  while (a < above.end && b < below.end) {
    if (runs[a].x0 <= runs[b].x1 && runs[b].x0 <= runs[a].x1) sets.join(a, b);
    // The one that ends first can meet nothing further.
    if (runs[a].x1 < runs[b].x1) {
      ++a;
    } else {
      ++b;
    }
  }
}

/// Half widths of the disc's rows: row dy covers dx = -half[|dy|] .. half[|dy|].
std::vector<std::int64_t> disc_rows(double radius_px) {
  std::vector<std::int64_t> half;
  for (std::int64_t dy = 0; static_cast<double>(dy) <= radius_px; ++dy) {
    std::int64_t dx = 0;
    while (static_cast<double>((dx + 1) * (dx + 1) + dy * dy) <= radius_px * radius_px) ++dx;
    half.push_back(dx);
  }
  return half;
}

Runs dilated(const Runs& runs, const std::vector<std::int64_t>& half) {
  Runs out;
  out.reserve(runs.size() * (2 * half.size() - 1));
  const auto reach = static_cast<std::int64_t>(half.size()) - 1;
  for (const Run& run : runs) {
    for (auto dy = -reach; dy <= reach; ++dy) {
      const auto wider = half[static_cast<std::size_t>(std::abs(dy))];
      out.push_back({run.y + dy, run.x0 - wider, run.x1 + wider});
    }
  }
  return normalised(std::move(out));
}

/// The unset pixels of the rows from `reach` above to `reach` below the set, within `reach` of its
/// columns: more than these cannot unset one of its pixels.
Runs complement(const Runs& runs, std::int64_t reach) {
  Runs out;
  auto left = std::numeric_limits<std::int64_t>::max();
  auto right = std::numeric_limits<std::int64_t>::min();
  for (const Run& run : runs) {
    left = std::min(left, run.x0 - reach);
    right = std::max(right, run.x1 + reach);
  }
  std::size_t at = 0;
  for (auto y = runs.front().y - reach; y <= runs.back().y + reach; ++y) {
    auto x = left;
    for (; at < runs.size() && runs[at].y == y; ++at) {
      out.push_back({y, x, runs[at].x0});
      x = runs[at].x1;
    }
    out.push_back({y, x, right});
  }
  return normalised(std::move(out));
}

/// The pixels of `runs` that are not in `others`.
Runs without(const Runs& runs, const Runs& others) {
  Runs out;
  std::size_t at = 0;
  for (const Run& run : runs) {
    const auto before = [&](const Run& other) {
      return std::tie(other.y, other.x1) <= std::tie(run.y, run.x0);
    };
    while (at < others.size() && before(others[at])) ++at;
    auto x = run.x0;
    for (auto i = at; i < others.size() && others[i].y == run.y && others[i].x0 < run.x1; ++i) {
      if (others[i].x0 > x) out.push_back({run.y, x, others[i].x0});
      x = others[i].x1;
    }
    if (x < run.x1) out.push_back({run.y, x, run.x1});
  }
  return out;
}

}  // namespace

Runs normalised(Runs runs) {
  std::erase_if(runs, [](const Run& run) { return run.x1 <= run.x0; });
  const auto earlier = [](const Run& a, const Run& b) {
    return std::tie(a.y, a.x0) < std::tie(b.y, b.x0);
  };
  if (!std::is_sorted(runs.begin(), runs.end(), earlier))
    std::sort(runs.begin(), runs.end(), earlier);
  std::size_t kept = 0;
  for (const Run& run : runs) {
    if (kept > 0 && runs[kept - 1].y == run.y && runs[kept - 1].x1 >= run.x0) {
      runs[kept - 1].x1 = std::max(runs[kept - 1].x1, run.x1);
    } else {
      runs[kept++] = run;
    }
  }
  runs.resize(kept);
  return runs;
}

Runs close_disc(const Runs& runs, double radius_px) {
  if (!(radius_px >= 0)) throw std::invalid_argument("close_disc: the radius must not be negative");
  const auto half = disc_rows(radius_px);
  const auto reach = static_cast<std::int64_t>(half.size()) - 1;
  if (runs.empty() || reach == 0) return runs;
  const Runs grown = dilated(runs, half);
  return without(grown, dilated(complement(grown, reach + 1), half));
}

Runs fill_holes(const Runs& runs) {
  // Gap i is what is unset to the left of run i in its row; gap n is all that lies outside.
  const auto outside = runs.size();
  DisjointSets gaps(runs.size() + 1);
  const auto gap_x0 = [&](std::size_t i) { return runs[i - 1].x1; };
  Row above;
  for (std::size_t at = 0; at < runs.size();) {
    const Row row = row_at(runs, at);
    const bool adjacent = above.end > above.begin && runs[above.begin].y + 1 == runs[at].y;
    gaps.join(row.begin, outside);
    if (!adjacent) {
      for (auto i = row.begin + 1; i < row.end; ++i) gaps.join(i, outside);
      for (auto i = above.begin + (above.end > above.begin ? 1 : 0); i < above.end; ++i)
        gaps.join(i, outside);
    } else {
      // A gap that reaches beyond the first or the last run of the other row meets the outside.
      const auto join_ends = [&](const Row& mine, const Row& other) {
        for (auto i = mine.begin + 1; i < mine.end; ++i) {
          if (gap_x0(i) < runs[other.begin].x0 || runs[i].x0 > runs[other.end - 1].x1)
            gaps.join(i, outside);
        }
      };
      join_ends(row, above);
      join_ends(above, row);
      auto a = above.begin + 1;
      auto b = row.begin + 1;
      while (a < above.end && b < row.end) {
        if (gap_x0(a) < runs[b].x0 && gap_x0(b) < runs[a].x0) gaps.join(a, b);
        if (runs[a].x0 < runs[b].x0) {
          ++a;
        } else {
          ++b;
        }
      }
    }
    above = row;
    at = row.end;
  }
  for (auto i = above.begin + 1; i < above.end; ++i) gaps.join(i, outside);

  Runs out;
  const auto outer = gaps.root(outside);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (gaps.root(i) == outer) {
      out.push_back(runs[i]);
    } else {
      out.back().x1 = runs[i].x1;
    }
  }
  return out;
}

RunComponents label_runs(const Runs& runs) {
  if (runs.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    throw std::length_error("label_runs: too many runs");
  DisjointSets sets(runs.size());
  Row above;
  for (std::size_t at = 0; at < runs.size();) {
    const Row row = row_at(runs, at);
    if (above.end > above.begin && runs[above.begin].y + 1 == runs[at].y)
      join_touching(runs, above, row, sets);
    above = row;
    at = row.end;
  }
  RunComponents out;
  out.labels.resize(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto root = sets.root(i);
    out.labels[i] = root == i ? out.count++ : out.labels[root];
  }
  return out;
}

DisjointSets::DisjointSets(std::size_t n) : parent_(n) {
  for (std::size_t i = 0; i < n; ++i) parent_[i] = i;
}

std::size_t DisjointSets::root(std::size_t member) {
  while (parent_[member] != member) {
    parent_[member] = parent_[parent_[member]];
    member = parent_[member];
  }
  return member;
}

void DisjointSets::join(std::size_t a, std::size_t b) {
  const auto ra = root(a);
  const auto rb = root(b);
  parent_[std::max(ra, rb)] = std::min(ra, rb);
}

}  // namespace mito::image
