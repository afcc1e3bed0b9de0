#pragma once
#include <cstdint>

namespace mito::stats {

/// The F1, maximised over the threshold, that scores which know nothing reach on `count` patches,
/// `positives` of them mitoses: 95 % of 200 random orders of the patches have no more. It is at
/// least that of calling every patch a mitosis, 2 P / (count + P), which is what a network with one
/// output for all has. Throws DataError unless 0 < positives < count.
double chance_f1(std::int64_t count, std::int64_t positives);

}  // namespace mito::stats
