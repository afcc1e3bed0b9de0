#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/output_file.h"
#include "engine/report/figure.h"

namespace mito::report {

/// A table for people.
struct Table {
  struct Column {
    enum class Kind {
      Text,
      Number,
      Published,  ///< Numbers of somebody else; looks different from the program's own.
    };
    std::string title;
    Kind kind = Kind::Text;
  };
  std::vector<Column> columns;  ///< Without a title in any of them there is no line of titles.
  std::vector<std::vector<std::string>> rows;  ///< As many cells as columns.
};

/// A picture of a gallery.
struct Picture {
  std::string uri;  ///< The picture itself, as data_uri() gives it.
  std::string caption;
  std::string mark =
      {};  ///< What it shows, as a shape and a colour of marks.js: "missed", "false".
  std::string place = {};  ///< Where it is, in small letters; may be empty.
};

/// Pictures side by side.
struct Gallery {
  std::string title;
  std::vector<Picture> pictures;
};

struct Section {
  std::string title;
  std::vector<std::string> paragraphs;
  std::optional<Table> table;
  std::vector<Figure> figures;
  bool folded =
      false;  ///< Shown when the reader opens it; for tables, as a figure takes its width at once.
  std::vector<Gallery> galleries = {};
};

/// A number that a reader came for.
struct Fact {
  std::string what;   ///< "F1"
  std::string value;  ///< "0.640"
  std::string more;   ///< "95 % interval 0.512 to 0.731"; may be empty.
};

/// A report. All its text is plain and may hold any character.
struct Page {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<Section> sections;
  std::vector<Fact> answer = {};  ///< Stands first, the first of them large.
};

/// The page as one HTML file that needs no network, with the notice of research use. A build
/// without the drawing library (bundle.h) names the file of a figure in its place.
std::string html(const Page& page);

/// Writes NAME.vl.json of every figure and then the page to `folder`, each complete or not at all.
/// Throws DataError.
void write(const Page& page, const std::filesystem::path& folder, const std::string& file);

/// What write() writes, in its order.
OutputFiles files(const Page& page, const std::string& file);

/// Does this build draw figures?
bool draws_figures();

}  // namespace mito::report
