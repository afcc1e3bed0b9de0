#include "tools/cli/ahead.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "engine/core/file_digests.h"
#include "engine/core/text.h"
#include "engine/slide/content.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"

namespace mito::cli {
namespace {

/// Of what a node measures, the files that may be among those `seen`: read only where the size
/// agrees, so that a study of large slides is looked through in no time.
void refuse_seen_files(const Measured::Seen& seen, const Measured& measured, FileDigests& digests) {
  for (std::size_t i = 0; i < measured.files.size(); ++i) {
    const auto& file = measured.files[i];
    const auto bytes = file_bytes(file);
    if (bytes == 0 || std::ranges::count(seen.files.files, bytes, &SeenFile::bytes) == 0) continue;
    refuse_seen_image(seen, {utf8_text(file.stem().string()), measured.cases.at(i),
                             slide::content_digest(file, digests)});
  }
}

}  // namespace

void refuse_seen_cases(const mito::graph::Graph& graph) {
  FileDigests digests;
  graph.look_at_measured([&digests](const Measured& measured) {
    for (const auto& seen : measured.seen) {
      refuse_shared_cases({seen.role, seen.cases}, {"evaluation", measured.cases});
      refuse_seen_files(seen, measured, digests);
    }
  });
}

void warn_ahead(const mito::graph::Graph& graph) {
  for (const auto& line : graph.warnings()) spdlog::warn("{}", line);
}

}  // namespace mito::cli
