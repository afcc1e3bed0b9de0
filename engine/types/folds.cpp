#include "engine/types/folds.h"

#include <algorithm>
#include <set>

#include "engine/core/error.h"

namespace mito {

std::vector<std::uint32_t> folds_of(const std::vector<std::string>& cases, int folds) {
  if (cases.size() < 2)
    throw DataError(std::to_string(cases.size()) +
                    " labelled objects: two at least are needed to leave some out");
  const std::set<std::string> different(cases.begin(), cases.end());
  const bool single = different.size() == 1;
  const auto most = static_cast<std::size_t>(std::max(2, folds));
  const auto count = std::min(most, single ? cases.size() : different.size());
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto place =
        single
            ? i
            : static_cast<std::size_t>(std::distance(different.begin(), different.find(cases[i])));
    out.push_back(static_cast<std::uint32_t>(place % count));
  }
  return out;
}

}  // namespace mito
