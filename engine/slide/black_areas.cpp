#include "engine/slide/black_areas.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "engine/core/error.h"
#include "engine/slide/overlap.h"

namespace mito::slide {
namespace {

constexpr double kCellUm = 8;
constexpr double kSmallCellUm = 2;
constexpr std::int64_t kSmallSlide = 4 << 20;  // cells of 2 um
constexpr int kBlackMean = 12;  // of a cell's brightest channel: black, and JPEG's noise in it
constexpr int kBlack = 30;      // of a pixel's brightest channel
constexpr int kDark = 60;       // what JPEG makes of black beside light
constexpr double kMinAtBorderUm = 30;  // diagonals of areas
constexpr double kMinInsideUm = 200;
constexpr double kMinPureInsideUm = 60;  // of nothing but 0, as of a tile that was filled up
constexpr int kPureMean = 5;
constexpr double kReachUm = 32;  // how far around an area pixels are looked at
constexpr double kFlatUm = 1;    // half the side of a square that must be black
constexpr double kFlatShare = 0.9;
constexpr double kNearUm = 0.5;  // beyond flat black: never scanned
constexpr double kFarUm = 2;     // beyond flat black: not scanned where dark; a block of JPEG

enum class Cell : std::uint8_t { Scanned, Black, Pure, Unscanned };  // Pure is black, too

bool is_black(Cell cell) { return cell == Cell::Black || cell == Cell::Pure; }

/// A picture of the slide in cells of `width` x `height` level-0 pixels.
struct Cells {
  double width = 1;
  double height = 1;
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  std::vector<Cell> at;

  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * columns + x);
  }
  bool contains(std::int64_t x, std::int64_t y) const {
    return x >= 0 && y >= 0 && x < columns && y < rows;
  }
};

/// Counts of the set pixels in any rectangle of a mask.
class Counts {
 public:
  Counts(const std::vector<std::uint8_t>& mask, std::int64_t width, std::int64_t height)
      : width_(width),
        height_(height),
        sums_(static_cast<std::size_t>((width + 1) * (height + 1))) {
    for (std::int64_t y = 0; y < height; ++y) {
      std::uint32_t row = 0;
      for (std::int64_t x = 0; x < width; ++x) {
        row += mask[static_cast<std::size_t>(y * width + x)];
        sums_[place(x + 1, y + 1)] = sums_[place(x + 1, y)] + row;
      }
    }
  }
  /// In the square of 2 radius + 1 around (x, y), as far as it lies on the mask.
  std::uint32_t around(std::int64_t x, std::int64_t y, std::int64_t radius) const {
    const auto left = std::max<std::int64_t>(0, x - radius);
    const auto top = std::max<std::int64_t>(0, y - radius);
    const auto right = std::min(width_, x + radius + 1);
    const auto bottom = std::min(height_, y + radius + 1);
    return sums_[place(right, bottom)] - sums_[place(left, bottom)] - sums_[place(right, top)] +
           sums_[place(left, top)];
  }

 private:
  std::size_t place(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * (width_ + 1) + x);
  }
  std::int64_t width_;
  std::int64_t height_;
  std::vector<std::uint32_t> sums_;
};

/// Sizes of the rule in pixels of a level.
struct Radii {
  std::int64_t flat = 0;
  std::int64_t near = 1;
  std::int64_t far = 1;

  explicit Radii(double mpp) {
    const auto pixels = [&](double um) { return static_cast<std::int64_t>(std::lround(um / mpp)); };
    flat = pixels(kFlatUm);
    near = std::max<std::int64_t>(1, pixels(kNearUm));
    far = std::max(near, pixels(kFarUm));
  }
  std::int64_t margin() const { return 2 * flat + far; }
};

class BlackAreas final : public PixelSource {
 public:
  BlackAreas(std::unique_ptr<PixelSource> source, double mpp_x, double mpp_y)
      : source_(std::move(source)), mpp_x_(mpp_x), mpp_y_(mpp_y) {}

  const std::vector<Level>& levels() const override { return source_->levels(); }
  std::string vendor() const override { return source_->vendor(); }
  std::map<std::string, std::string> properties() const override { return source_->properties(); }

  void read(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override {
    std::call_once(known_, [&] { find(); });
    if (!touches(level, area)) return source_->read(level, area, rgb, scanned);
    const auto& size = levels()[static_cast<std::size_t>(level)];
    const Radii radii(std::max(mpp_x_ * size.ratio_x, mpp_y_ * size.ratio_y));
    const Rect around = common(area.grown(radii.margin()), {0, 0, size.width, size.height});
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(around.width * around.height * 3));
    std::vector<std::uint8_t> marks(pixels.size() / 3);
    source_->read(level, around, pixels.data(), marks.data());
    paint(size, around, radii, pixels, marks);
    copy_overlap(pixels.data(), around, rgb, area);
    if (scanned != nullptr) copy_overlap(marks.data(), around, scanned, area, 1);
  }

 private:
  // --- where to look ---

  void find() const {
    Cells cells = picture();
    if (std::ranges::none_of(cells.at, is_black)) return;
    std::vector<std::uint8_t> zone(cells.at.size(), 0);
    bool any = false;
    bool at_border = false;
    for (std::int64_t y = 0; y < cells.rows; ++y)
      for (std::int64_t x = 0; x < cells.columns; ++x)
        if (is_black(cells.at[cells.index(x, y)])) {
          const auto [kept, border] = take(cells, x, y, zone);
          any = any || kept;
          at_border = at_border || (kept && border);
        }
    if (!any) return;
    if (at_border) add_border(cells, zone);
    zone_ = grown(cells, zone);
    cells.at.clear();
    cells_ = std::move(cells);
  }

  /// The coarsest level that is not coarser than the cells, averaged to them.
  Cells picture() const {
    const auto& finest = levels().front();
    const double area_um2 =
        static_cast<double>(finest.width) * mpp_x_ * static_cast<double>(finest.height) * mpp_y_;
    const double um = area_um2 / (kSmallCellUm * kSmallCellUm) <= static_cast<double>(kSmallSlide)
                          ? kSmallCellUm
                          : kCellUm;
    int level = 0;
    for (std::size_t i = 1; i < levels().size(); ++i)
      if (std::max(levels()[i].ratio_x * mpp_x_, levels()[i].ratio_y * mpp_y_) <= um * 1.001)
        level = static_cast<int>(i);
    const auto& size = levels()[static_cast<std::size_t>(level)];
    const auto pixels = [&](double mpp) {
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(um / mpp + 0.001));
    };
    const std::int64_t across = pixels(size.ratio_x * mpp_x_);
    const std::int64_t down = pixels(size.ratio_y * mpp_y_);
    Cells cells{static_cast<double>(across) * size.ratio_x,
                static_cast<double>(down) * size.ratio_y,
                (size.width + across - 1) / across,
                (size.height + down - 1) / down,
                {}};
    cells.at.resize(static_cast<std::size_t>(cells.columns * cells.rows));
    const std::int64_t wide = (2048 + across - 1) / across * across;
    const std::int64_t high = (512 + down - 1) / down * down;
    for (std::int64_t y = 0; y < size.height; y += high)
      for (std::int64_t x = 0; x < size.width; x += wide)
        average(level, common({x, y, wide, high}, {0, 0, size.width, size.height}), across, down,
                cells);
    return cells;
  }

  void average(
      int level, const Rect& block, std::int64_t across, std::int64_t down, Cells& cells) const {
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(block.width * block.height * 3));
    std::vector<std::uint8_t> scanned(rgb.size() / 3);
    try {
      source_->read(level, block, rgb.data(), scanned.data());
    } catch (const DataError&) {
      return;  // whoever asks for these pixels will be told
    }
    for (std::int64_t y = 0; y < block.height; y += down)
      for (std::int64_t x = 0; x < block.width; x += across) {
        const Rect cell = common({x, y, across, down}, {0, 0, block.width, block.height});
        cells.at[cells.index((block.x + x) / across, (block.y + y) / down)] =
            kind_of(rgb, scanned, block.width, cell);
      }
  }

  static Cell kind_of(const std::vector<std::uint8_t>& rgb,
                      const std::vector<std::uint8_t>& scanned,
                      std::int64_t stride,
                      const Rect& cell) {
    std::int64_t sums[3] = {0, 0, 0};
    std::int64_t marks = 0;
    for (std::int64_t y = cell.y; y < cell.y + cell.height; ++y)
      for (std::int64_t x = cell.x; x < cell.x + cell.width; ++x) {
        const auto at = static_cast<std::size_t>(y * stride + x);
        marks += scanned[at];
        for (std::size_t c = 0; c < 3; ++c) sums[c] += rgb[3 * at + c];
      }
    const std::int64_t pixels = cell.width * cell.height;
    if (2 * marks < pixels) return Cell::Unscanned;
    const std::int64_t brightest = std::max({sums[0], sums[1], sums[2]});
    if (brightest <= kPureMean * pixels) return Cell::Pure;
    return brightest <= kBlackMean * pixels ? Cell::Black : Cell::Scanned;
  }

  struct Taken {
    bool kept = false;
    bool border = false;
  };
  /// The area of black cells around (x, y), which become scanned ones; those of an area that was
  /// not scanned are set in `zone`.
  Taken take(Cells& cells, std::int64_t x, std::int64_t y, std::vector<std::uint8_t>& zone) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> area{{x, y}};
    std::size_t pure = cells.at[cells.index(x, y)] == Cell::Pure ? 1 : 0;
    cells.at[cells.index(x, y)] = Cell::Scanned;
    std::int64_t left = x, right = x, top = y, bottom = y;
    bool border = false;
    for (std::size_t next = 0; next < area.size(); ++next) {
      const auto [cx, cy] = area[next];
      left = std::min(left, cx);
      right = std::max(right, cx);
      top = std::min(top, cy);
      bottom = std::max(bottom, cy);
      for (const auto& [dx, dy] : kNeighbours) {
        if (!cells.contains(cx + dx, cy + dy)) {
          border = true;
          continue;
        }
        Cell& cell = cells.at[cells.index(cx + dx, cy + dy)];
        border = border || cell == Cell::Unscanned;
        if (!is_black(cell)) continue;
        pure += cell == Cell::Pure ? 1 : 0;
        cell = Cell::Scanned;
        area.emplace_back(cx + dx, cy + dy);
      }
    }
    const double diagonal =
        std::hypot(static_cast<double>(right - left + 1) * cells.width * mpp_x_,
                   static_cast<double>(bottom - top + 1) * cells.height * mpp_y_);
    const double needed = border                        ? kMinAtBorderUm
                          : 4 * pure >= 3 * area.size() ? kMinPureInsideUm
                                                        : kMinInsideUm;
    const bool kept = diagonal > needed;
    if (kept)
      for (const auto& [cx, cy] : area) zone[cells.index(cx, cy)] = 1;
    return {kept, border};
  }

  /// Black that narrows along the border is lost on cells before it is on pixels.
  void add_border(const Cells& cells, std::vector<std::uint8_t>& zone) const {
    for (std::int64_t y = 0; y < cells.rows; ++y)
      for (std::int64_t x = 0; x < cells.columns; ++x)
        if (x == 0 || y == 0 || x == cells.columns - 1 || y == cells.rows - 1)
          zone[cells.index(x, y)] = 1;
  }

  std::vector<std::uint8_t> grown(const Cells& cells, const std::vector<std::uint8_t>& zone) const {
    const double side = std::min(cells.width * mpp_x_, cells.height * mpp_y_);
    const auto reach = static_cast<std::int64_t>(std::ceil(kReachUm / side));
    const Counts counts(zone, cells.columns, cells.rows);
    std::vector<std::uint8_t> out(zone.size());
    for (std::int64_t y = 0; y < cells.rows; ++y)
      for (std::int64_t x = 0; x < cells.columns; ++x)
        out[cells.index(x, y)] = counts.around(x, y, reach) > 0 ? 1 : 0;
    return out;
  }

  // --- pixels ---

  std::int64_t column_of(const Level& level, std::int64_t x) const {
    const double at = (static_cast<double>(x) + 0.5) * level.ratio_x / cells_.width;
    return std::min(cells_.columns - 1, static_cast<std::int64_t>(at));
  }
  std::int64_t row_of(const Level& level, std::int64_t y) const {
    const double at = (static_cast<double>(y) + 0.5) * level.ratio_y / cells_.height;
    return std::min(cells_.rows - 1, static_cast<std::int64_t>(at));
  }

  bool touches(int level, const Rect& area) const {
    if (zone_.empty()) return false;
    const auto& size = levels()[static_cast<std::size_t>(level)];
    for (auto y = row_of(size, area.y); y <= row_of(size, area.y + area.height - 1); ++y)
      for (auto x = column_of(size, area.x); x <= column_of(size, area.x + area.width - 1); ++x)
        if (zone_[cells_.index(x, y)] != 0) return true;
    return false;
  }

  /// Flat black: the centres, on the level, of squares that are black almost everywhere. What lies
  /// beyond the level counts as black.
  static std::vector<std::uint8_t> flat_black(const Level& size,
                                              const Rect& area,
                                              std::int64_t radius,
                                              const std::vector<std::uint8_t>& brightest) {
    std::vector<std::uint8_t> light(brightest.size());
    std::ranges::transform(brightest, light.begin(),
                           [](std::uint8_t value) { return value > kBlack ? 1 : 0; });
    const Counts counts(light, area.width, area.height);
    const auto side = static_cast<double>(2 * radius + 1);
    const auto most = static_cast<std::uint32_t>((1 - kFlatShare) * side * side);
    std::vector<std::uint8_t> out(light.size());
    // Squares that reach beyond `area` are not known, unless the level ends there.
    const auto known = [&](std::int64_t at, std::int64_t begin, std::int64_t length,
                           std::int64_t end) {
      return (at - radius >= 0 || begin == 0) && (at + radius < length || begin + length == end);
    };
    for (std::int64_t y = 0; y < area.height; ++y)
      for (std::int64_t x = 0; x < area.width; ++x) {
        const auto i = static_cast<std::size_t>(y * area.width + x);
        out[i] = light[i] == 0 && known(x, area.x, area.width, size.width) &&
                         known(y, area.y, area.height, size.height) &&
                         counts.around(x, y, radius) <= most
                     ? 1
                     : 0;
      }
    return out;
  }

  void paint(const Level& size,
             const Rect& area,
             const Radii& radii,
             std::vector<std::uint8_t>& rgb,
             std::vector<std::uint8_t>& scanned) const {
    std::vector<std::uint8_t> brightest(scanned.size());
    for (std::size_t i = 0; i < brightest.size(); ++i)
      brightest[i] = std::max({rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]});
    const Counts flat(flat_black(size, area, radii.flat, brightest), area.width, area.height);
    for (std::int64_t y = 0; y < area.height; ++y) {
      const auto row = row_of(size, area.y + y);
      for (std::int64_t x = 0; x < area.width; ++x) {
        const auto i = static_cast<std::size_t>(y * area.width + x);
        if (zone_[cells_.index(column_of(size, area.x + x), row)] == 0) continue;
        if (flat.around(x, y, radii.flat + radii.near) == 0 &&
            (brightest[i] > kDark || flat.around(x, y, radii.flat + radii.far) == 0))
          continue;
        std::fill_n(rgb.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, std::uint8_t{255});
        scanned[i] = 0;
      }
    }
  }

  static constexpr std::pair<int, int> kNeighbours[] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0},
                                                        {1, 0},   {-1, 1}, {0, 1},  {1, 1}};

  std::unique_ptr<PixelSource> source_;
  double mpp_x_;
  double mpp_y_;
  mutable std::once_flag known_;
  mutable Cells cells_;                     // without their kinds
  mutable std::vector<std::uint8_t> zone_;  // of cells; empty: no black area
};

}  // namespace

std::unique_ptr<PixelSource> without_black_areas(std::unique_ptr<PixelSource> source,
                                                 double mpp_x,
                                                 double mpp_y) {
  return std::make_unique<BlackAreas>(std::move(source), mpp_x, mpp_y);
}

}  // namespace mito::slide
