# Writes OUTPUT, a source with the revision of the checkout SOURCE, when it is another than before:
#   cmake -DSOURCE=... -DOUTPUT=... -P Revision.cmake
# "1a2b3c4d5e6f", with "+" where files differ from it; empty where there is no git or no checkout.
set(revision "")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT} -C ${SOURCE} diff-index --quiet HEAD -- RESULT_VARIABLE changed
                  OUTPUT_QUIET ERROR_QUIET)
  if(revision AND changed EQUAL 1)
    string(APPEND revision "+")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "tools/cli/revision.h"

namespace mito::cli {

std::string_view revision() { return "@revision@"; }

}  // namespace mito::cli
]] @ONLY)
