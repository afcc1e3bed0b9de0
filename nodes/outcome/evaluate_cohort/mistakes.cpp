#include "nodes/outcome/evaluate_cohort/mistakes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "nodes/outcome/evaluate_cohort/evaluation_page.h"

namespace mito::evaluate_cohort {
namespace {

constexpr double kPictureUm = 32;
constexpr double kPictureBytes = 5500;  // of text: 4.4 to 7.5 kB on H&E
constexpr double kBytesPerMb = 1e6;
/// In place of the score of a mistake that has none.
constexpr double kNone = -std::numeric_limits<double>::infinity();

void sort_by_score(std::vector<Mistake>& mistakes) {
  std::ranges::sort(mistakes, {}, [](const Mistake& m) {
    return std::tuple(-m.score.value_or(kNone), m.slide, m.y_um, m.x_um);
  });
}

void add_mistakes(Mistakes& found,
                  std::size_t index,
                  const stats::Image& image,
                  double threshold,
                  double match_um) {
  const auto claims = stats::claims_from(image.claims, threshold);
  const auto hits = stats::in_reach(image.truths, claims, match_um);
  for (std::size_t c = 0; c < claims.size(); ++c)
    if (hits[c] == 0)
      found.false_alarms.push_back({index, claims[c].x, claims[c].y, false, claims[c].score});
  const auto best = stats::best_in_reach(image.truths, image.claims, match_um);
  for (std::size_t t = 0; t < image.truths.size(); ++t)
    if (!best[t] || *best[t] < threshold)
      found.missed.push_back({index, image.truths[t].x, image.truths[t].y, true, best[t]});
}

void sort_by_score(Mistakes& mistakes) {
  sort_by_score(mistakes.missed);
  sort_by_score(mistakes.false_alarms);
}

/// Missed and false alarms in turn.
std::vector<Mistake> in_turn(const Mistakes& all) {
  std::vector<Mistake> out;
  for (std::size_t i = 0; i < std::max(all.missed.size(), all.false_alarms.size()); ++i)
    for (const auto* list : {&all.missed, &all.false_alarms})
      if (i < list->size()) out.push_back((*list)[i]);
  return out;
}

std::string caption_of(const Mistake& mistake) {
  if (!mistake.is_missed) return fmt::format("false, {:.3f}", *mistake.score);
  return mistake.score ? fmt::format("missed, {:.3f}", *mistake.score) : "missed, nothing near";
}

report::Picture picture_of(const Mistake& mistake,
                           const stats::CohortSlide& slide,
                           const stats::PlacePicture& picture) {
  const auto place = fmt::format("{:.0f}, {:.0f}", picture.at.x, picture.at.y);
  return {picture.uri, caption_of(mistake), mistake.is_missed ? "missed" : "false",
          slide.name == slide.case_id ? place : slide.name + ": " + place};
}

/// The pictures of all galleries, one of each before the next of any, until they take `bytes`.
/// Returns how many.
std::size_t keep_within(std::vector<report::Gallery>& galleries, double bytes) {
  std::size_t most = 0;
  for (const auto& gallery : galleries) most = std::max(most, gallery.pictures.size());
  std::vector<std::size_t> kept(galleries.size());
  std::size_t all = 0;
  for (std::size_t turn = 0; turn < most; ++turn) {
    for (std::size_t g = 0; g < galleries.size(); ++g) {
      if (turn >= galleries[g].pictures.size() || bytes <= 0) continue;
      bytes -= static_cast<double>(galleries[g].pictures[turn].uri.size());
      ++kept[g];
      ++all;
    }
  }
  for (std::size_t g = 0; g < galleries.size(); ++g) galleries[g].pictures.resize(kept[g]);
  return all;
}

std::string title_of(const Mistakes& one, std::size_t shown) {
  auto text = fmt::format("{}: {} missed, {}", one.name, one.missed.size(),
                          counted(std::ssize(one.false_alarms), "false alarm", "false alarms"));
  if (shown < one.size()) text += fmt::format("; {} of {} shown", shown, one.size());
  return text;
}

}  // namespace

std::vector<Mistakes> mistakes_of(std::span<const stats::CohortSlide> slides,
                                  double threshold,
                                  double match_um) {
  std::map<std::string, Mistakes> cases;
  for (std::size_t i = 0; i < slides.size(); ++i)
    add_mistakes(cases[slides[i].case_id], i, slides[i].image, threshold, match_um);
  std::vector<Mistakes> out;
  for (auto& [name, one] : cases) {
    if (one.size() == 0) continue;
    one.name = name;
    sort_by_score(one);
    out.push_back(std::move(one));
  }
  std::ranges::stable_sort(out, std::ranges::greater{}, &Mistakes::size);
  return out;
}

Album::Album(const GallerySize& size, double threshold, double match_um, std::uint32_t slides)
    : size_(size), threshold_(threshold), match_um_(match_um) {
  // Twice its share, since some slides have less to show.
  const double share = size.max_mb * kBytesPerMb / kPictureBytes / std::max(1U, slides);
  per_slide_ = static_cast<std::size_t>(std::min<double>(size.per_case, std::ceil(2 * share)));
}

Album::Key Album::key_of(const Mistake& mistake, const stats::CohortSlide& slide) {
  return {slide.identity, mistake.is_missed, mistake.x_um, mistake.y_um};
}

void Album::add(const stats::CohortSlide& slide, const std::function<bool()>& stop) {
  if (!slide.picture || per_slide_ == 0) return;
  Mistakes found;
  add_mistakes(found, 0, slide.image, threshold_, match_um_);
  sort_by_score(found);
  auto shown = in_turn(found);
  shown.resize(std::min(shown.size(), per_slide_));
  for (const auto& mistake : shown) {
    if (stop()) throw Interrupted("stopped while drawing the page of the evaluation");
    pictures_[key_of(mistake, slide)] = slide.picture(mistake.x_um, mistake.y_um, kPictureUm);
  }
}

std::optional<report::Section> Album::section(const std::vector<Mistakes>& cases,
                                              std::span<const stats::CohortSlide> slides) const {
  if (pictures_.empty()) return std::nullopt;
  std::vector<report::Gallery> galleries(cases.size());
  std::size_t mistakes = 0;
  for (std::size_t c = 0; c < cases.size(); ++c) {
    mistakes += cases[c].size();
    auto& pictures = galleries[c].pictures;
    for (const auto& mistake : in_turn(cases[c])) {
      const auto& slide = slides[mistake.slide];
      const auto found = pictures_.find(key_of(mistake, slide));
      if (found == pictures_.end()) continue;
      if (std::ssize(pictures) == size_.per_case) break;
      pictures.push_back(picture_of(mistake, slide, found->second));
    }
  }
  const auto shown = keep_within(galleries, size_.max_mb * kBytesPerMb);
  report::Section section{"Misses and false alarms", {}, std::nullopt, {}, false};
  for (std::size_t c = 0; c < cases.size(); ++c) {
    auto& gallery = galleries[c];
    if (gallery.pictures.empty()) continue;
    gallery.title = title_of(cases[c], gallery.pictures.size());
    std::ranges::stable_partition(gallery.pictures,
                                  [](const auto& picture) { return picture.mark == "missed"; });
    section.galleries.push_back(std::move(gallery));
  }
  section.paragraphs.push_back(fmt::format(
      "Squares of {:g} µm by falling score, cases with most mistakes first; the score of a missed "
      "mitosis is the highest within reach, which the threshold left out. Numbers of places are "
      "pixels of the slide. {} of {} mistakes are shown.",
      kPictureUm, shown, mistakes));
  return section;
}

}  // namespace mito::evaluate_cohort
