# cmake -DSOURCE=tools/report -DOUTPUT=texts.cpp -P texts.cmake
# Writes the pages' own files as strings of the program: the style that all share, and each page with
# its styles and scripts in the places that name them.
foreach(part style.css page.js marks.js run.css hotspot.js run.js cohort.css cohort.js report.css report.js label.css label.js)
  string(MAKE_C_IDENTIFIER ${part} variable)
  file(READ ${SOURCE}/${part} ${variable})
  list(APPEND parts ${part})
endforeach()
foreach(page run cohort report label)
  file(READ ${SOURCE}/${page}.html ${page}_html)
  foreach(part ${parts})
    string(MAKE_C_IDENTIFIER ${part} variable)
    string(REPLACE "/* ${part} */" "${${variable}}" ${page}_html "${${page}_html}")
  endforeach()
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [==[
#include "engine/report/texts.h"

namespace mito::report {

std::string_view style() {
  return R"~page~(@style_css@)~page~";
}

std::string_view run_page_text() {
  return R"~page~(@run_html@)~page~";
}

std::string_view cohort_page_text() {
  return R"~page~(@cohort_html@)~page~";
}

std::string_view report_page_text() {
  return R"~page~(@report_html@)~page~";
}

std::string_view label_page_text() {
  return R"~page~(@label_html@)~page~";
}

}  // namespace mito::report
]==] @ONLY)
