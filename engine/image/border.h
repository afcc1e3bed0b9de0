#pragma once

namespace mito::image {

/// Position i of a line of n pixels, reflected at its ends (d c b a | a b c d | d c b a).
inline int reflect(int i, int n) {
  const int period = 2 * n;
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - 1 - i;
}

}  // namespace mito::image
