#pragma once
#include <string_view>

// Files of tools/report as they stand, made strings by texts.cmake.
namespace mito::report {

/// style.css, the look that all pages share.
std::string_view style();

// The pages with their styles and scripts in their places; those of the bundle are empty.
std::string_view run_page_text();     ///< run.html
std::string_view cohort_page_text();  ///< cohort.html
std::string_view report_page_text();  ///< report.html
std::string_view label_page_text();   ///< label.html

}  // namespace mito::report
