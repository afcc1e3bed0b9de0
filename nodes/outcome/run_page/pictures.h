#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/slide/deep_zoom.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/close_ups/close_up.h"

namespace mito::run_page {

using close_ups::CloseUp;

/// Bytes that pictures may take as text of a page.
class Budget {
 public:
  explicit Budget(double bytes) : left_(bytes) {}

  double left() const { return left_; }
  bool is_spent() const { return left_ <= 0; }
  void spend(std::size_t bytes) { left_ -= static_cast<double>(bytes); }

 private:
  double left_;
};

/// The levels of a DeepZoom that a page has, with some of their tiles.
struct Pyramid {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_px = DeepZoom::kTilePx;
  int min_level = 0;
  int max_level = 0;
  nlohmann::ordered_json tiles = nlohmann::ordered_json::object();  ///< "level/x_y" -> data URI.
};

/// Draws what a page shows of a slide, as long as the budget lasts.
class Pictures {
 public:
  /// `stop`: asked between pictures. `slide` and `budget` must outlive this.
  Pictures(const Slide& slide, Budget& budget, std::function<bool()> stop);

  /// As close_ups::close_up(); empty when the budget is spent. Throws DataError, Interrupted.
  std::optional<CloseUp> close_up(const PointL0& at, double um);

  /// The whole slide, no side longer than `longest_px`. Never left out. Throws as close_up().
  void add_overview(std::int64_t longest_px);

  /// The circle in more and more detail, down to `mpp` um per pixel; levels that the budget does
  /// not allow are left out whole. Returns the um per pixel that was reached. Throws as close_up().
  double add_circle(const PointL0& centre, double radius_um, double mpp);

  const Pyramid& pyramid() const { return pyramid_; }

 private:
  void check_stop() const;

  const Slide& slide_;
  Budget& budget_;
  std::function<bool()> stop_;
  DeepZoom zoom_;
  Pyramid pyramid_;
  int overview_level_ = 0;
};

}  // namespace mito::run_page
