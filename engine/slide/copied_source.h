#pragma once
#include <filesystem>
#include <memory>

#include "engine/core/local_copies.h"
#include "engine/slide/pixel_source.h"

namespace mito::slide {

/// The same as `source`, which reads `copy`, and keeps it; errors name the slide `path` itself.
std::unique_ptr<PixelSource> read_from_copy(std::unique_ptr<PixelSource> source,
                                            LocalCopies::Held copy,
                                            const std::filesystem::path& path);

}  // namespace mito::slide
