#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// The known name closest to `word` by edit distance, or empty when nothing is close.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean 'x'?", or empty when nothing is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Shortest decimal text that reads back as the same double ("0.25", "1e-05"); canonical.
std::string number_text(double value);

}  // namespace mito
