#include "engine/image/otsu.h"

namespace mito::image {

int otsu_threshold(std::span<const std::int64_t> histogram) {
  std::int64_t total = 0;
  std::int64_t total_sum = 0;
  int last = 0;
  for (std::size_t v = 0; v < histogram.size(); ++v) {
    total += histogram[v];
    total_sum += histogram[v] * static_cast<std::int64_t>(v);
    if (histogram[v] > 0) last = static_cast<int>(v);
  }
  std::int64_t below = 0;
  std::int64_t below_sum = 0;
  double best = -1;
  int threshold = last;
  for (std::size_t v = 0; v < histogram.size(); ++v) {
    below += histogram[v];
    below_sum += histogram[v] * static_cast<std::int64_t>(v);
    const std::int64_t above = total - below;
    if (below == 0 || above == 0) continue;
    const double step = static_cast<double>(below_sum) / static_cast<double>(below) -
                        static_cast<double>(total_sum - below_sum) / static_cast<double>(above);
    const double variance = static_cast<double>(below) * static_cast<double>(above) * step * step;
    if (variance > best) {
      best = variance;
      threshold = static_cast<int>(v);
    }
  }
  return threshold;
}

}  // namespace mito::image
