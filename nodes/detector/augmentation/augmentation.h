#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/random.h"
#include "engine/image/geometric.h"
#include "nodes/detector/augmentation/randstainna.h"
#include "nodes/detector/augmentation/smooth.h"

namespace mito::image {

/// The operators of Augmentation (method 6.3, 14). Numbers are drawn anew for every patch, uniform
/// in their ranges; `p` is the probability of being applied at all.
namespace operators {

struct Range {
  double low = 0;
  double high = 0;
  bool operator==(const Range&) const = default;
};
/// R: rotation, then mirroring.
struct Rotate {
  bool continuous = false;  ///< Any angle instead of quarter turns.
  double p = 1;
};
/// X: the stain of another patch of the batch (exchange_stain); done before all others, by whoever
/// has the batch.
struct Exchange {
  Range share{0, 1};  ///< Of the way to the other's stain.
  double p = 1;
};
/// M: from a line on, the patch shows its own mirror image, as at the edge of an image that is
/// continued by reflection (Beyond::Mirrored); for columns and for rows, each with `p`.
struct Seam {
  Range distance_px{20, 64};  ///< From the middle of the patch.
  double p = 0.5;
};
/// S
struct Zoom {
  Range factor{0.75, 1.25};
  double p = 1;
};
/// E
struct Elastic {
  Range alpha{100, 100};
  Range sigma_px{10, 10};
  double p = 1;
};
/// C: alpha in 1 +- sigma, beta in +- sigma.
struct Stain {
  double sigma = 0.05;
  std::optional<Range> cutoff = {};  ///< Only patches whose mean value lies in this range.
  double p = 1;
};
/// In the place of C.
struct RandStainNa {
  std::optional<StainStatistics> statistics = {};  ///< Must be there before it can be used.
  double p = 1;
};
/// H: factors of colour, contrast, brightness, in this order.
struct Enhance {
  Range colour{0.75, 1.5};
  Range contrast{0.75, 1.5};
  Range brightness{0.75, 1.25};
  double p = 1;
};
/// B
struct Blur {
  Range sigma_px{0, 2};
  double p = 1;
};
/// U: unsharp masking, v + amount (v - blurred v), with a blur of `sigma_px`.
struct Sharpen {
  Range amount{0, 1};
  Range sigma_px{0.5, 1.5};
  double p = 0.5;
};
/// T
struct Shift {
  std::optional<int> most_px = {};  ///< Else as far as the margin of the crop allows.
  double p = 1;
};
/// G: standard deviation.
struct Noise {
  Range sd{0, 0.1};
  double p = 1;
};
struct Jpeg {
  Range quality{40, 95};
  double p = 1;
};

}  // namespace operators

/// What is done to a training patch (method 6.2): the operators that are there.
struct Augmentation {
  using Range = operators::Range;
  using Rotate = operators::Rotate;
  using Exchange = operators::Exchange;
  using Seam = operators::Seam;
  using Zoom = operators::Zoom;
  using Elastic = operators::Elastic;
  using Stain = operators::Stain;
  using RandStainNa = operators::RandStainNa;
  using Enhance = operators::Enhance;
  using Blur = operators::Blur;
  using Sharpen = operators::Sharpen;
  using Shift = operators::Shift;
  using Noise = operators::Noise;
  using Jpeg = operators::Jpeg;

  std::optional<Exchange> exchange = {};
  std::optional<Rotate> rotate = {};
  std::optional<Seam> seam = {};
  std::optional<Zoom> zoom = {};
  std::optional<Elastic> elastic = {};
  std::optional<Stain> stain = {};
  std::optional<RandStainNa> randstainna = {};
  std::optional<Enhance> enhance = {};
  std::optional<Blur> blur = {};
  std::optional<Shift> shift = {};
  std::optional<Sharpen> sharpen = {};
  std::optional<Noise> noise = {};
  std::optional<Jpeg> jpeg = {};
};

/// The names that augmentation() knows.
inline constexpr std::array<std::string_view, 10> kAugmentations{
    "RCSEHBG", "RCSEB",     "RSEB",       "PHH3",        "RTC",
    "none",    "HED-light", "HED-strong", "RandStainNA", "JPEG"};

/// A preset by name. All but `none` (central crop) have R and T.
///   RSEB, RCSEB, RCSEHBG   method 6.4: experiments 1 to 3 of the paper
///   PHH3                   R, E, B: that of CNN1 and CNN2
///   RTC                    R and C alone: quick
///   HED-light, HED-strong  RCSEB with sigma 0.05 and 0.2, for patches of mean 0.15 to 0.85 only
///   RandStainNA            RSEB with RandStainNA; its statistics must be given
///   JPEG                   RCSEHBG with real JPEG compression in the place of the noise
/// `stain_sigma`: of C, where the preset does not say. Throws DataError for another name.
Augmentation augmentation(std::string_view preset, double stain_sigma = 0.05);

/// What is wrong with the numbers of `what` for a crop of `out` px of patches of `size` px, or
/// empty.
std::string problem_of(const Augmentation& what, int size, int out);

/// Applies R, M, S, E, C (or RandStainNA), H, B in this order (method 6.2), then crops (T), then
/// sharpens (U), adds noise (G) and compresses (JPEG). X is not its matter. In single precision,
/// clipped to [0, 1] after C, each of H, U, and G. Holds the memory for one patch: one Augmenter
/// per thread.
///
/// The operators in use draw in the same order, each first uniform() where p < 1, and a range only
/// where its ends differ: R quarter turns below(4) or an angle in (0, 360), then mirror below(4) in
/// the order of `Mirror`; M for columns, then rows, distance, then side below(2); S its factor; E
/// alpha, sigma, and the noise of random_elastic_field(); C alpha of H, E, DAB, then beta of H, E,
/// DAB; RandStainNA as draw_stain_target(); H its three factors; B its sigma; T shift x, then y,
/// integer, uniform; U its amount, then sigma; G its sd, then a word for each value, Box-Muller
/// from pairs; JPEG its quality, rounded.
class Augmenter {
 public:
  /// Throws DataError when the numbers of `what` make no sense.
  explicit Augmenter(const Augmentation& what, int size = kPatchSize, int out = kCropSize);

  /// From 8-bit RGB [size][size][3], or from [size][size][3] in [0, 1], to [3][out][out]. Throws
  /// DataError when a buffer has another size.
  void run(std::span<const std::uint8_t> rgb, RandomStream& random, std::span<float> planes);
  void run(std::span<const float> rgb, RandomStream& random, std::span<float> planes);

 private:
  template <class T>
  void load(std::span<const T> rgb, RandomStream& random);
  void finish(RandomStream& random, std::span<float> planes);
  void rotate_any(double degrees);
  void mirror_loaded(Mirror axis);
  void mirror_beyond(bool columns, double distance, bool after);
  void recolour(RandomStream& random);
  void crop_to(RandomStream& random, std::span<float> planes);
  void sharpen(double amount, double sigma, std::span<float> planes);
  void degrade(RandomStream& random, std::span<float> planes);

  const Augmentation what_;
  const int size_;
  const int out_;
  std::vector<float> fours_;  ///< The patch: pixels of four floats.
  std::vector<float> other_;  ///< As many.
  std::vector<float> planes_;
  Displacement field_;
  SmoothScratch<float> scratch_;
  std::vector<std::uint32_t> words_;
  std::vector<float> noise_;
};

/// One patch by an Augmenter of its own.
Patch augment(const Patch& in, const Augmentation& what, RandomStream& random, int out = kCropSize);

}  // namespace mito::image
