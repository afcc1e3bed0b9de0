#pragma once
#include <string_view>

// Files of tools/report as they stand, made strings by texts.cmake.
namespace mito::report {

/// style.css, the look that all pages share.
std::string_view style();

/// run.html with its style and scripts in their places; the viewer's place is empty.
std::string_view run_page_text();

}  // namespace mito::report
