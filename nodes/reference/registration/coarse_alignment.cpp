#include "nodes/reference/registration/coarse_alignment.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "engine/core/error.h"

namespace mito::image {
namespace {

/// Zero-mean single-precision picture: the search looks at hundreds of rotations.
cv::Mat1f centred(const Plane& plane) {
  if (plane.values.empty()) throw DataError("coarse alignment: a thumbnail is empty");
  cv::Mat1d view(plane.height, plane.width);
  std::ranges::copy(plane.values, view.begin());
  cv::Mat1f out;
  view.convertTo(out, CV_32F, 1, -cv::mean(view)[0]);
  return out;
}

/// Everything that does not depend on the rotation.
class Search {
 public:
  Search(const Plane& fixed, const Plane& moving) : moving_(centred(moving)) {
    const cv::Mat1f f = centred(fixed);
    canvas_ = static_cast<int>(std::ceil(std::hypot(moving.width, moving.height)));
    size_ = cv::getOptimalDFTSize(std::max(fixed.width, fixed.height) + canvas_);
    energy_ = std::sqrt(f.dot(f) * moving_.dot(moving_));
    cv::dft(in_corner(f), fixed_spectrum_, 0, f.rows);
  }

  CoarseAlignment at(const Rotation& rotation) const {
    Affine moving_from_canvas = linear_map(rotation);
    const double middle = 0.5 * (canvas_ - 1);
    const PointL0 centre = moving_from_canvas.apply({middle, middle});
    moving_from_canvas.c = 0.5 * (moving_.cols - 1) - centre.x;
    moving_from_canvas.f = 0.5 * (moving_.rows - 1) - centre.y;

    const auto& m = moving_from_canvas;
    const cv::Matx23d map(m.a, m.b, m.c, m.d, m.e, m.f);
    cv::Mat1f turned;
    cv::warpAffine(moving_, turned, map, cv::Size(canvas_, canvas_),
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, 0);
    cv::Mat1f spectrum;
    cv::Mat1f product;
    cv::Mat1f correlation;
    cv::dft(in_corner(turned), spectrum, 0, canvas_);
    cv::mulSpectrums(spectrum, fixed_spectrum_, product, 0, true);
    cv::dft(product, correlation, cv::DFT_INVERSE | cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);
    cv::Point top;
    double best = 0;
    cv::minMaxLoc(correlation, nullptr, &best, nullptr, &top);
    // Displacements beyond the canvas are negative ones.
    const double dx = top.x < canvas_ ? top.x : top.x - size_;
    const double dy = top.y < canvas_ ? top.y : top.y - size_;
    return {rotation, compose(moving_from_canvas, {1, 0, dx, 0, 1, dy}),
            energy_ > 0 ? best / energy_ : 0};
  }

 private:
  cv::Mat1f in_corner(const cv::Mat1f& image) const {
    cv::Mat1f out(size_, size_, 0.0F);
    image.copyTo(out(cv::Rect(0, 0, image.cols, image.rows)));
    return out;
  }

  cv::Mat1f moving_;
  int canvas_ = 0;
  int size_ = 0;
  double energy_ = 0;
  cv::Mat1f fixed_spectrum_;
};

}  // namespace

CoarseAlignment align_thumbnails(const Plane& fixed,
                                 const Plane& moving,
                                 const std::vector<Rotation>& rotations) {
  if (rotations.empty()) throw DataError("coarse alignment: no rotation to try");
  const Search search(fixed, moving);
  CoarseAlignment best;
  bool first = true;
  for (const auto& rotation : rotations) {
    const auto found = search.at(rotation);
    if (first || found.score > best.score) best = found;
    first = false;
  }
  return best;
}

std::vector<Rotation> quarter_turns(double range_deg, bool allow_mirror) {
  std::vector<Rotation> out;
  const int steps = static_cast<int>(std::floor(range_deg));
  for (const bool mirrored : {false, true}) {
    if (mirrored && !allow_mirror) break;
    for (int quarter = 0; quarter < 4; ++quarter)
      for (int step = -steps; step <= steps; ++step)
        out.push_back({90.0 * quarter + step, mirrored, 1});
  }
  return out;
}

}  // namespace mito::image
