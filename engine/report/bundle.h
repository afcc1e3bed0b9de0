#pragma once
#include <string_view>

namespace mito::report {

/// The script that draws the figures of a page (Vega, Vega-Lite, Vega-Embed and
/// tools/report/figures.js), made at build time; empty in a build without it (MITO_REPORT_BUNDLE).
std::string_view bundle();

}  // namespace mito::report
