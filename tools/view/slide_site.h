#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/core/file_digests.h"
#include "tools/view/answers.h"
#include "tools/view/live_map.h"
#include "tools/view/slide_tiles.h"
#include "tools/view/subject.h"

namespace mito::view {

/// What is needed to open slides and to look into a run.
struct Sources {
  std::filesystem::path store;
  FileDigests* digests = nullptr;
  std::optional<double> mpp = {};  ///< um per level-0 pixel of slides that do not say it.
};

/// One slide: its page, its tiles, the map while it is made, its answers. Made of files as they are
/// at this moment; all members may be called from several threads at once.
class SlideSite {
 public:
  /// Reads the page and opens the slide. `before`: what this takes the place of, whose map a
  /// browser may still draw. Throws DataError: neither is there, the page is damaged.
  SlideSite(const Subject& subject, const Sources& sources, const SlideSite* before = nullptr);

  /// Is this still what the folder holds? A run that goes on ends with a page.
  bool is_current() const;

  std::string page() const;
  std::optional<std::string> tile(int level, std::int64_t x, std::int64_t y);
  /// How far the run is, and the tiles of the map from the `after`th on.
  nlohmann::ordered_json progress(std::size_t after);
  std::optional<std::string> map_tile(std::uint32_t part);
  /// Where there is a place for them: null where the slide has no results.
  Answers* answers() { return answers_.get(); }

 private:
  void open_slide(const Sources& sources);
  void take_page(const std::filesystem::path& file);
  void take_slide_alone(const Sources& sources);

  Subject subject_;
  std::optional<std::filesystem::file_time_type> page_time_;  ///< Of the page that was read.
  nlohmann::ordered_json data_;
  nlohmann::ordered_json seconds_ = nlohmann::ordered_json::object();
  std::string problem_;  ///< Why there are no tiles; empty: there are.
  std::unique_ptr<SlideTiles> tiles_;
  std::shared_ptr<LiveMap> map_;  ///< Of a run that is not done.
  std::shared_ptr<LiveMap> map_of_before_;
  std::unique_ptr<Answers> answers_;
};

}  // namespace mito::view
