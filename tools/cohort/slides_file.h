#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/graph/graph.h"

namespace mito::cohort {

/// Which slides a run has: the file `slides.json` in its output folder.
struct SlidesFile {
  std::string pipeline;  ///< Name of its file.
  std::string settings;  ///< Graph::settings.
  std::vector<mito::graph::ItemName> slides;
};

/// The bytes of a file; empty where it cannot be read.
std::string bytes_of(const std::filesystem::path& file);

/// None when there is none, or it is damaged.
std::optional<SlidesFile> read_slides(const std::filesystem::path& out);

/// Writes it where it does not say the same already. Throws DataError.
void write_slides(const std::filesystem::path& out, const SlidesFile& file);

/// The folder of a slide; `out` itself where a run has one only.
std::filesystem::path folder_of(const std::filesystem::path& out,
                                const mito::graph::ItemName& slide);

}  // namespace mito::cohort
