#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/core/input_files.h"
#include "engine/core/params.h"
#include "engine/slide/slide.h"

namespace mito::slide_list {

struct Params {
  std::optional<double> assume_mpp = {};
  bool allow_objective_power = false;
  bool allow_anisotropic = false;
  bool allow_upsampling = false;
  std::string beyond = "white";

  static void describe(auto& p, auto&& field) {
    field("assume_mpp", p.assume_mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.05, 20},
           .doc = "Resolution of level 0, in the place of what the file says."});
    field("allow_objective_power", p.allow_objective_power,
          {.doc = "Where nothing better is known, take 10 / objective power as the resolution."});
    field("allow_anisotropic", p.allow_anisotropic,
          {.doc = "Accept slides whose resolution along x and y differs by more than 1 %."});
    field("allow_upsampling", p.allow_upsampling,
          {.doc = "Accept slides coarser than 0.35 um/px."});
    field("beyond", p.beyond,
          {.choices = {"white", "mirrored"},
           .affects = Affects::Selection,  // a mirrored slide has another identity
           .doc = "What lies beyond the edge of an image. mirrored: the image, continued by "
                  "reflection, for crops and frames, whose tissue goes on where they end; a "
                  "window about a nucleus near their edge then shows tissue and no glass."});
  }
};

/// um per level-0 pixel.
struct PixelSize {
  double mpp_x = 0;
  double mpp_y = 0;
};

/// One slide of a run, not opened yet.
struct Entry {
  std::filesystem::path path;
  std::string name;    ///< File name without extension, as text; of a second such slide NAME-2.
  std::string folder;  ///< Its part of the output folder; empty = the output folder itself.
  std::optional<PixelSize> size = {};  ///< From a table; in the place of what the file says.
  std::filesystem::path tissue = {};   ///< A mask of its tissue, from a manifest.
  std::map<std::string, std::string> about = {};  ///< Case, centre and scanner, from a manifest.
};

/// The slides of a run. A folder is named after the slide; of equal names the second becomes
/// "NAME-2". A list given as one plain path has no folder. What a pattern caught beside slides and
/// is evidently none (left_out) is not among them. Opens no slide.
std::vector<Entry> entries(const FileList& files);

/// Files that a pattern caught beside slides and that are evidently no slides (tables, text,
/// archives, what systems leave in folders), and folders. None when a pattern caught no slide.
std::vector<std::filesystem::path> left_out(const FileList& files);

/// One line that names some of what is left out; empty when nothing is.
std::string left_out_line(const FileList& files);

/// Bytes of the files that hold a slide; nothing of them is read. 0 when there are none.
std::uint64_t bytes(const Entry& entry);

/// Gives slides the sizes of their pixels that `table` states: a CSV with the columns `slide` (or
/// `image`), by name or file name, and `mpp`, or `mpp_x` and `mpp_y`. Slides that it does not list
/// keep their own. Throws DataError naming file, line and column.
void set_pixel_sizes(std::vector<Entry>& entries, const std::filesystem::path& table);

/// What the manifests of `files` say of slides, as far as they have such columns and a row is not
/// empty there: the size of pixels, as above, and `mask`, a file with its tissue, relative to the
/// manifest. Throws DataError naming file, line and column when there is no such file. Columns
/// `case`, `centre` (or `center`) and `scanner` are what is told about a slide.
void take_from_manifests(std::vector<Entry>& entries, const FileList& files);

/// What there is of input files beside them; null: nothing.
struct Sources {
  FileDigests* digests = nullptr;  ///< Of their content.
  LocalCopies* copies = nullptr;   ///< Read in their stead.
};

/// What is known of the content of files is taken from `digests`; null: nothing is known. Throws
/// DataError: see Slide::open.
Slide open(const Entry& entry, const Params& params, const Sources& sources);

/// Begins to copy what open() will read, where copies are made.
void prepare(const Entry& entry, const Sources& sources);

/// The identity that the slide will have when it is open, without opening it, told apart by the
/// size of its pixels where a table states one, and by its mask. A file that cannot be read gets
/// one that stands in for it: open() will say why.
std::string identity(const Entry& entry, const Params& params, FileDigests* digests);

/// Two slides of one section, not opened yet.
struct PairEntry {
  Entry he;
  Entry phh3;
  std::string name;    ///< What the two names begin with, "case7" of case7_he and case7_phh3.
  std::string folder;  ///< Its part of the output folder; empty = the output folder itself.
};

/// The i-th H&E slide with the i-th PHH3 slide. Throws DataError when the numbers differ or there
/// is none.
std::vector<PairEntry> pairs(const FileList& he, const FileList& phh3);

}  // namespace mito::slide_list
