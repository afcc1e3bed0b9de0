# The labelling page is a file of its own (so that a browser and an editor can open it) and becomes
# a string of the program.
set(page ${CMAKE_CURRENT_LIST_DIR}/label_page.html)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
file(READ ${page} page_text)
set(STAGE_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/annotation_sample/label_page_text.cpp)
file(CONFIGURE OUTPUT ${STAGE_SOURCES} CONTENT [==[
#include "nodes/reference/annotation_sample/label_page.h"

namespace mito::annotation_sample {

const std::string_view kLabelPage = R"~page~(@page_text@)~page~";

}  // namespace mito::annotation_sample
]==] @ONLY)
