#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/annotations.h"
#include "engine/types/slide_names.h"

namespace mito::annotations {

/// A file in memory, with messages that name places in it. What gzip packed is unpacked, and text
/// is UTF-8 without a byte order mark whatever the file has.
class Source {
 public:
  /// Throws DataError naming a file that cannot be read.
  static Source read(const std::filesystem::path& path);
  Source(std::filesystem::path path, std::string text);

  const std::filesystem::path& path() const { return path_; }
  const std::string& text() const { return text_; }
  /// "FILE:LINE:COLUMN" of a byte; columns count bytes.
  std::string at(std::size_t offset) const;
  /// Throws DataError "FILE:LINE:COLUMN: problem".
  [[noreturn]] void fail(std::size_t offset, const std::string& problem) const;
  /// Lines that are not blank, without their ends: `take(line, offset)`.
  void for_each_line(const std::function<void(std::string_view, std::size_t)>& take) const;

 private:
  std::filesystem::path path_;
  std::string text_;
  std::vector<std::size_t> starts_;  ///< Where lines start.
};

/// `file` without the extension that gzip adds.
std::filesystem::path without_gz(const std::filesystem::path& file);

/// How a file is called after its image, in formats that do not name images.
struct Naming {
  std::string suffix;  ///< Follows the image's name, such as "_mitoses".
  int folders = 0;     ///< Folders above the file that belong to the image's name.

  /// Throws DataError when the file's name does not end in `suffix`.
  std::string image_of(const std::filesystem::path& file) const;
};

/// An object in the words of its file: its label is empty where the file gives none.
struct Object {
  Annotation annotation;
  std::string place;  ///< For messages; `Contents::where` turns it into "FILE:LINE:COLUMN".
  /// Further names of its class, which count where `annotation.label` is of no class.
  std::vector<std::string> other_names = {};
  /// What it is when it cannot be a mitosis, whatever its class: "of type LineString".
  std::string no_object = {};
  /// Why it cannot be understood; matters only when its class is wanted.
  std::string problem = {};
};

struct Image {
  std::string name;
  std::string case_id;
  std::string place;
  std::vector<Object> objects;
};

/// What a file says.
struct Contents {
  std::vector<Image> images;   ///< Each name once.
  bool named_by_file = false;  ///< The file does not name its image.
  std::function<std::string(const std::string&)> where = [](const std::string& place) {
    return place;
  };
};

std::string trimmed(std::string_view text);

/// A finite number in plain decimal notation.
std::optional<double> parse_number(std::string_view text);

/// Corners of a closed outline; the last may repeat the first.
using Ring = std::vector<PointL0>;

/// Centroid of the area inside the outlines; each has a sign: +1 an area, -1 a hole in one. The
/// mean of the corners when there is no area. Expects at least one corner.
struct SignedRing {
  Ring ring;
  int sign = 1;
};
PointL0 centroid(const std::vector<SignedRing>& rings);

}  // namespace mito::annotations
