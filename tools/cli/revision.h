#pragma once
#include <string>
#include <string_view>

#include "engine/core/version.h"

namespace mito::cli {

/// Revision of the source that the program was built from: "1a2b3c4d5e6f", with "+" behind it where
/// files differed. Empty when that is not known. Not part of any content key, nor of a file that
/// stands for a result: those depend on what nodes compute, which their versions say.
std::string_view revision();

/// "0.2.0 (1a2b3c4d5e6f)"
inline std::string version_text() {
  std::string text(version());
  if (!revision().empty()) text.append(" (").append(revision()).append(")");
  return text;
}

}  // namespace mito::cli
