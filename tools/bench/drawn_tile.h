#pragma once
#include <cstdint>
#include <vector>

namespace mito::bench {

/// RGB [side][side][3] from the middle of a drawn H&E slide: nuclei, stroma and mitoses.
std::vector<std::uint8_t> drawn_tile(std::int64_t side);

}  // namespace mito::bench
