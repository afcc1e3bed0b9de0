#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/core/params.h"
#include "engine/report/page.h"
#include "engine/stats/cohort.h"

namespace mito::evaluate_cohort {

/// A place where a detector was wrong.
struct Mistake {
  std::size_t slide = 0;  ///< Index.
  double x_um = 0;
  double y_um = 0;
  bool is_missed = false;  ///< A mitosis that nothing found; else a false alarm.
  /// Of a missed mitosis the highest score in its reach, which the threshold left out; empty: there
  /// is none.
  std::optional<double> score;
};

/// Each by falling score, those without one last.
struct Mistakes {
  std::string name;  ///< Of the case.
  std::vector<Mistake> missed;
  std::vector<Mistake> false_alarms;

  std::size_t size() const { return missed.size() + false_alarms.size(); }
};

/// Missed mitoses and false alarms under `any_hit` of the cases that have any, those with most
/// first. `slides` by name, so that equals have one order.
std::vector<Mistakes> mistakes_of(std::span<const stats::CohortSlide> slides,
                                  double threshold,
                                  double match_um);

/// How many of them are shown.
struct GallerySize {
  int per_case = 24;
  double max_mb = 4;

  static void describe(auto& p, auto&& field) {
    field("pictures_per_case", p.per_case,
          {.range = {0, 1000},
           .doc = "Missed mitoses and false alarms of a case that the page shows, at most."});
    field("pictures_mb", p.max_mb,
          {.range = {0, 500},
           .doc = "Size of all these pictures in MB (10^6 bytes), about; what does not fit is left "
                  "out, of all cases alike."});
  }
};

/// Pictures of mistakes, cut while their slides are at hand.
class Album {
 public:
  /// `slides`: how many will be added.
  Album(const GallerySize& size, double threshold, double match_um, std::uint32_t slides);

  /// Cuts pictures of the slide's mistakes, missed and false in turn, each by falling score; so
  /// many that the page has its fill. `stop` is asked between them. Throws DataError, Interrupted.
  void add(const stats::CohortSlide& slide, const std::function<bool()>& stop);

  /// What the page shows of `cases`, made of the same slides: each case gets a picture before any
  /// gets another. None without a picture.
  std::optional<report::Section> section(const std::vector<Mistakes>& cases,
                                         std::span<const stats::CohortSlide> slides) const;

 private:
  using Key = std::tuple<std::string, bool, double, double>;  ///< Slide, missed, x, y.
  static Key key_of(const Mistake& mistake, const stats::CohortSlide& slide);

  GallerySize size_;
  double threshold_;
  double match_um_;
  std::size_t per_slide_;
  std::map<Key, stats::PlacePicture> pictures_;
};

}  // namespace mito::evaluate_cohort
