# cmake -DMODE=ON|OFF|AUTO -DSOURCE=tools/report -DWORK=DIR -DOUTPUT=bundle.cpp [-DNPM=npm -DNODE=node] -P bundle.cmake
# Writes the libraries of report pages as strings of the program; empty ones where MODE is OFF, or
# AUTO and they cannot be made.
function(make_bundles problem)
  if(NOT NPM OR NOT NODE)
    set(${problem} "npm and node are not installed" PARENT_SCOPE)
    return()
  endif()
  foreach(name package.json package-lock.json bundle.mjs figures.js viewer.js)
    file(COPY ${SOURCE}/${name} DESTINATION ${WORK})
  endforeach()
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline
                          --loglevel=error --fetch-retries=1 --fetch-timeout=60000
                  WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE messages)
  if(NOT status EQUAL 0)
    set(${problem} "npm ci failed: ${messages}" PARENT_SCOPE)
    return()
  endif()
  foreach(name figures viewer)
    execute_process(COMMAND ${NODE} bundle.mjs ${name}.js ${name}.min.js WORKING_DIRECTORY ${WORK}
                    RESULT_VARIABLE status ERROR_VARIABLE messages)
    if(NOT status EQUAL 0)
      set(${problem} "bundle.mjs ${name}.js failed: ${messages}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

set(bundle "")
set(viewer "")
if(NOT MODE STREQUAL "OFF")
  file(MAKE_DIRECTORY ${WORK})
  make_bundles(problem)
  if(NOT problem)
    file(READ ${WORK}/figures.min.js bundle)
    file(READ ${WORK}/viewer.min.js viewer)
  elseif(MODE STREQUAL "ON")
    message(FATAL_ERROR "MITO_REPORT_BUNDLE is ON, but ${problem}")
  else()
    message(WARNING "report pages will show no figures and no slides: ${problem}")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [==[
#include "engine/report/bundle.h"

namespace mito::report {

std::string_view bundle() {
  return R"~bundle~(@bundle@)~bundle~";
}

std::string_view viewer() {
  return R"~bundle~(@viewer@)~bundle~";
}

}  // namespace mito::report
]==] @ONLY)
