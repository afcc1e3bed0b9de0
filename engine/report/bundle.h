#pragma once
#include <string_view>

// The scripts of others that pages hold, made at build time (MITO_REPORT_BUNDLE).
namespace mito::report {

/// The script that draws the figures of a page (Vega, Vega-Lite, Vega-Embed and
/// tools/report/figures.js); empty in a build without it.
std::string_view bundle();

/// The script that shows a slide as deep zoom (OpenSeadragon); empty in a build without it.
std::string_view viewer();

}  // namespace mito::report
