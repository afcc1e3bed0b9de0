# The program of the worker is a file of its own (so that an editor can open it) and becomes a string.
set(worker ${CMAKE_CURRENT_LIST_DIR}/worker.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${worker})
file(READ ${worker} worker_text)
set(STAGE_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/python/worker_text.cpp)
file(CONFIGURE OUTPUT ${STAGE_SOURCES} CONTENT [==[
#include "nodes/exchange/python/interpreter.h"

namespace mito::python {

const std::string_view kWorker = R"~py~(@worker_text@)~py~";

}  // namespace mito::python
]==] @ONLY)
