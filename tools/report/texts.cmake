# cmake -DSOURCE=tools/report -DOUTPUT=texts.cpp -P texts.cmake
# Writes the pages' own files as strings of the program: the style that all share, and the page of a
# run with its style and scripts in their places.
foreach(name style.css run.html run.css hotspot.js run.js)
  string(MAKE_C_IDENTIFIER ${name} variable)
  file(READ ${SOURCE}/${name} ${variable})
endforeach()
string(REPLACE "/* style.css */" "${style_css}" run_html "${run_html}")
string(REPLACE "/* run.css */" "${run_css}" run_html "${run_html}")
string(REPLACE "/* hotspot.js */" "${hotspot_js}" run_html "${run_html}")
string(REPLACE "/* run.js */" "${run_js}" run_html "${run_html}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [==[
#include "engine/report/texts.h"

namespace mito::report {

std::string_view style() {
  return R"~page~(@style_css@)~page~";
}

std::string_view run_page_text() {
  return R"~page~(@run_html@)~page~";
}

}  // namespace mito::report
]==] @ONLY)
