#include "nodes/annotated_images/annotated_images.h"

#include <map>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::annotated_images {
namespace {

/// Images by file name, with and without the extension.
std::map<std::string, std::size_t> names_of(const AnnotatedImages& data) {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < data.images.size(); ++i) {
    const auto& path = data.images[i].path;
    const auto [found, fresh] = names.emplace(path.filename().string(), i);
    if (!fresh)
      throw DataError(fmt::format("two images are called {}: {} and {}", path.filename().string(),
                                  data.images[found->second].path.string(), path.string()));
    names.emplace(path.stem().string(), i);
  }
  return names;
}

std::string digest_of(const AnnotatedImages& data) {
  Sha256 sha;
  sha.update(data.assume_mpp ? number_text(*data.assume_mpp) : "-");
  for (const auto& image : data.images) {
    sha.update(fmt::format("|{}|{}|{}|", image.path.filename().string(), image.case_id,
                           sha256_file(image.path)));
    for (const auto& p : image.mitoses)
      sha.update(fmt::format("{},{};", number_text(p.x), number_text(p.y)));
  }
  return sha.finish();
}

}  // namespace

AnnotatedImages read(const Params& params, const FileList& images, const File& points) {
  AnnotatedImages out;
  out.assume_mpp = params.assume_mpp;
  for (const auto& path : images.paths) {
    const auto stem = path.stem().string();
    const auto cut =
        params.case_separator.empty() ? std::string::npos : stem.find(params.case_separator);
    out.images.push_back({path, stem.substr(0, cut), {}});
  }
  const auto names = names_of(out);

  const auto table = CsvTable::read(points.path);
  const auto x = table.require("x");
  const auto y = table.require("y");
  const auto image_column = table.find_any({"image", "slide"});
  if (!image_column)
    throw DataError(fmt::format("{}: needs a column 'image' or 'slide'", points.path.string()));
  const auto case_column = table.find("case");
  const auto label_column = table.find("label");
  std::map<std::size_t, bool> has_case;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto& name = table.text(row, *image_column);
    const auto found = names.find(name);
    if (found == names.end()) {
      if (params.ignore_unknown_images) continue;
      throw DataError(fmt::format("{}: image '{}' is not among the {} images given",
                                  to_string(table.position(row, *image_column)), name,
                                  out.images.size()));
    }
    auto& image = out.images[found->second];
    if (case_column) {
      const auto& case_id = table.text(row, *case_column);
      if (has_case[found->second] && image.case_id != case_id)
        throw DataError(fmt::format("{}: image '{}' belongs to case '{}' here and to '{}' above",
                                    to_string(table.position(row, *case_column)), name, case_id,
                                    image.case_id));
      image.case_id = case_id;
      has_case[found->second] = true;
    }
    const PointL0 at{table.number(row, x), table.number(row, y)};
    if (label_column && table.text(row, *label_column) != params.label) continue;
    image.mitoses.push_back(at);
  }
  out.digest = digest_of(out);
  return out;
}

}  // namespace mito::annotated_images
