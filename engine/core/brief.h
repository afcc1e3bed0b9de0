#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mito {

/// What a person wants to know of a result, in one line: names and values. A payload has it when
/// `Brief brief(const T&)` stands beside it.
using Brief =
    std::vector<std::pair<std::string_view, std::variant<std::int64_t, double, std::string>>>;

}  // namespace mito
