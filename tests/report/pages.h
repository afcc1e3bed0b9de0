#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/wait.h>

#include "engine/report/page.h"

namespace mito::test {

/// Opens the page in headless Chromium (view_pages.py), expecting `figures` drawn figures, or none
/// in a build without the drawing library; where axe-core is there, it must find nothing. The exit
/// code; 77: Chromium is not installed. Pictures of the page go into the folder MITO_SCREENSHOTS,
/// where the environment names one.
inline int view_page(const std::filesystem::path& page, int figures) {
  std::string command =
      std::string(MITO_PYTHON) + " " MITO_SOURCE_DIR "/tests/report/view_pages.py " +
      std::to_string(report::draws_figures() ? figures : 0) + " " + page.string() +
      " --axe " MITO_BINARY_DIR "/engine/report/bundle/node_modules/axe-core/axe.min.js";
  if (const char* folder = std::getenv("MITO_SCREENSHOTS"))
    command += std::string(" --screenshots ") + folder;
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace mito::test
