#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace mito::cohort {

/// The page of all slides of a run: one file that needs no network, with thumbnails, counts,
/// grades, states and messages. `link`: the address of the page of the slide of this number, by the
/// order of the run; empty: it has none. Throws DataError as read_status().
std::string cohort_page(const std::filesystem::path& out,
                        const std::function<std::string(std::size_t)>& link);

/// Links to run.html in the folders of the slides that have one: for a page that lies in `out`.
std::string cohort_page(const std::filesystem::path& out);

}  // namespace mito::cohort
