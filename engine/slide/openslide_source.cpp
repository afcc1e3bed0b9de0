#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <list>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <openslide.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/system_failure.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/slide.h"
#include "engine/slide/trial.h"
#include "engine/tiff/jpeg_tiles.h"
#include "engine/tiff/limits.h"
#include "engine/tiff/silence.h"

namespace mito::slide {
namespace {

using Handle = std::shared_ptr<openslide_t>;

// Levels above 0 are read in whole squares of a fixed lattice: where a level's downsample is no
// whole number, OpenSlide interpolates by a fraction of a pixel that depends on where the region
// starts, and a pixel must not depend on the area asked for.
constexpr std::int64_t kSquare = 512;
constexpr std::int64_t kMaxPixels = 4 << 20;  // of one request

/// OpenSlide passes on what the system says; where files ran out, it does not say how many.
std::string in_our_words(const char* error) {
  const bool files_ran_out = std::string_view(error).find(
                                 std::generic_category().message(EMFILE)) != std::string_view::npos;
  if (files_ran_out) return errno_text(EMFILE);
  // Of a tile that libtiff cannot decode OpenSlide names but the function.
  const bool cannot_decode = std::string_view(error).starts_with("TIFFRGBAImageGet");
  return cannot_decode ? "the file is damaged or cut short there" : error;
}

/// Throws "WHAT: why", as a failure of the system where OpenSlide passes one on: a disk or a server
/// that may answer the next time.
[[noreturn]] void fail(const std::string& what, const std::string& error) {
  const auto text = what + ": " + in_our_words(error.c_str());
  for (const int code : {EIO, ESTALE, EACCES, ENOENT, ETIMEDOUT, ENOTCONN, EHOSTDOWN, EMFILE})
    if (error.find(std::generic_category().message(code)) != std::string::npos)
      throw SystemFailure(text);
  throw DataError(text);
}

Handle open_handle(const std::filesystem::path& file) {
  Handle handle(openslide_open(file.c_str()), [](openslide_t* slide) {
    if (slide != nullptr) openslide_close(slide);
  });
  if (handle == nullptr) return handle;
  if (const char* error = openslide_get_error(handle.get()))
    fail(file.string() + ": cannot be opened as a slide", error);
  return handle;
}

void over_white(std::span<const std::uint32_t> argb, std::uint8_t* rgb, std::uint8_t* scanned) {
  for (const std::uint32_t pixel : argb) {
    if (scanned != nullptr) *scanned++ = (pixel >> 24U) > 0 ? 1 : 0;
    // Premultiplied: what is missing in alpha is the white behind it.
    const std::uint32_t white = 255U - (pixel >> 24U);
    for (const unsigned shift : {16U, 8U, 0U})
      *rgb++ = static_cast<std::uint8_t>(std::min(((pixel >> shift) & 255U) + white, 255U));
  }
}

/// Of a tile, as far as OpenSlide says: 0 where it does not.
struct TileSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

TileSize tile_size(openslide_t* slide, int level) {
  const auto side = [&](const char* name) {
    const char* text = openslide_get_property_value(
        slide, fmt::format("openslide.level[{}].tile-{}", level, name).c_str());
    return text == nullptr ? 0 : std::atoll(text);
  };
  return {side("width"), side("height")};
}

/// MIRAX slides say how large their pictures are in a text, which OpenSlide believes.
void check_pictures(const std::filesystem::path& file, openslide_t* slide) {
  const auto side = [slide](std::string name, const char* which) -> std::int64_t {
    constexpr std::string_view kWidth = "WIDTH";
    name.replace(name.size() - kWidth.size(), kWidth.size(), which);
    const char* text = openslide_get_property_value(slide, name.c_str());
    return text == nullptr ? 0 : std::atoll(text);
  };
  for (const char* const* name = openslide_get_property_names(slide);
       name != nullptr && *name != nullptr; ++name)
    if (std::string_view(*name).ends_with(".DIGITIZER_WIDTH"))
      tiff::check_chunk(file, true, side(*name, "WIDTH"), side(*name, "HEIGHT"));
}

// OpenSlide 3.4.1 with libtiff 4.5 scrambles the pixels of such a level, unless it is JPEG.
bool is_smaller_than_its_tiles(openslide_t* slide, int level) {
  std::int64_t width = 0;
  std::int64_t height = 0;
  openslide_get_level_dimensions(slide, level, &width, &height);
  const auto tile = tile_size(slide, level);
  return width < tile.width || height < tile.height;
}

/// GLib, by which OpenSlide takes memory for a tile, ends the process where there is none: so a
/// large one is asked for beforehand. Throws std::bad_alloc.
void require_memory(std::int64_t tile_pixels) {
  constexpr std::int64_t kUsual = 1 << 22;
  constexpr std::size_t kBytesPerPixel = 8;  // as decoded, and as 32 bits
  if (tile_pixels <= kUsual) return;
  const std::size_t bytes = static_cast<std::size_t>(tile_pixels) * kBytesPerPixel;
  void* room = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  ::munmap(room, bytes);
}

/// How many slides stay open: of each OpenSlide may open as many files as threads read it.
std::size_t most_open() {
  constexpr rlim_t kFilesPerSlide = 8;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 32;
  return static_cast<std::size_t>(std::clamp<rlim_t>(limit.rlim_cur / kFilesPerSlide, 8, 256));
}

/// The handles that were used last. A study may hold more slides than a process may open files, and
/// each open one takes memory.
class OpenHandles {
 public:
  /// Null when the slide was closed, or is not open yet.
  Handle find(std::uint64_t source) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(handles_, source, &Entry::first);
    if (found == handles_.end()) return nullptr;
    handles_.splice(handles_.begin(), handles_, found);
    return found->second;
  }

  /// `handle` in the place of `old`; the one that is there when another thread was faster.
  Handle put(std::uint64_t source, const Handle& old, Handle handle) {
    Handle closed;  // when nobody waits for the lock any more
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(handles_, source, &Entry::first);
    if (found != handles_.end()) {
      if (found->second == old) closed = std::exchange(found->second, std::move(handle));
      return found->second;
    }
    handles_.emplace_front(source, std::move(handle));
    Handle added = handles_.front().second;
    if (handles_.size() > most_) {
      closed = std::move(handles_.back().second);  // who reads it keeps it open until then
      handles_.pop_back();
    }
    return added;
  }

  void drop(std::uint64_t source) {
    const std::lock_guard lock(mutex_);
    std::erase_if(handles_, [source](const Entry& entry) { return entry.first == source; });
  }

 private:
  using Entry = std::pair<std::uint64_t, Handle>;
  const std::size_t most_ = most_open();
  std::mutex mutex_;
  std::list<Entry> handles_;  // last used first
};

/// One for all slides, since it is the process that may not open more files.
OpenHandles& open_handles() {
  static OpenHandles of_the_process;
  return of_the_process;
}

std::uint64_t next_source() {
  static std::atomic<std::uint64_t> made = 0;
  return made++;
}

class OpenSlideSource final : public PixelSource {
 public:
  OpenSlideSource(std::filesystem::path file, const Handle& handle)
      : file_(std::move(file)), vendor_(openslide_detect_vendor(file_.c_str())) {
    check_pictures(file_, handle.get());
    const int count = openslide_get_level_count(handle.get());
    for (int i = 0; i < count; ++i) {
      Level level;
      openslide_get_level_dimensions(handle.get(), i, &level.width, &level.height);
      if (level.width < 1 || level.height < 1)
        throw DataError(fmt::format("{}: level {} has no pixels", file_.string(), i));
      const auto tile = tile_size(handle.get(), i);
      tiff::check_chunk(file_, true, tile.width, tile.height);
      if (i > 0) {
        if (is_smaller_than_its_tiles(handle.get(), i)) break;
        level.ratio_x = true_ratio(levels_[0].width, level.width);
        level.ratio_y = true_ratio(levels_[0].height, level.height);
      }
      downsamples_.push_back(openslide_get_level_downsample(handle.get(), i));
      levels_.push_back(level);
      tile_pixels_.push_back(tile.width * tile.height);
    }
    open_handles().put(id_, nullptr, handle);
  }
  OpenSlideSource(const OpenSlideSource&) = delete;
  OpenSlideSource& operator=(const OpenSlideSource&) = delete;
  ~OpenSlideSource() override { open_handles().drop(id_); }

  const std::vector<Level>& levels() const override { return levels_; }
  std::string vendor() const override { return vendor_; }

  std::map<std::string, std::string> properties() const override {
    std::map<std::string, std::string> found;
    const Handle slide = current();
    for (const char* const* name = openslide_get_property_names(slide.get());
         name != nullptr && *name != nullptr; ++name)
      if (const char* value = openslide_get_property_value(slide.get(), *name))
        found.emplace(*name, value);
    return found;
  }

  void read(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override {
    if (level > 0) return read_squares(level, area, rgb, scanned);
    const std::int64_t rows = std::max<std::int64_t>(1, kMaxPixels / area.width);
    for (std::int64_t y = 0; y < area.height; y += rows) {
      const Rect band{area.x, area.y + y, area.width, std::min(rows, area.height - y)};
      over_white(request(0, band), rgb + y * area.width * 3,
                 scanned == nullptr ? nullptr : scanned + y * area.width);
    }
  }

 private:
  void read_squares(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const {
    const auto& size = levels_[static_cast<std::size_t>(level)];
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> marks;
    for (std::int64_t y0 = area.y / kSquare * kSquare; y0 < area.y + area.height; y0 += kSquare)
      for (std::int64_t x0 = area.x / kSquare * kSquare; x0 < area.x + area.width; x0 += kSquare) {
        const Rect square{x0, y0, std::min(kSquare, size.width - x0),
                          std::min(kSquare, size.height - y0)};
        pixels.resize(static_cast<std::size_t>(square.width * square.height * 3));
        marks.resize(pixels.size() / 3);
        over_white(request(level, square), pixels.data(), marks.data());
        copy_overlap(pixels.data(), square, rgb, area);
        if (scanned != nullptr) copy_overlap(marks.data(), square, scanned, area, 1);
      }
  }

  std::vector<std::uint32_t> request(int level, const Rect& area) const {
    const double step = downsamples_[static_cast<std::size_t>(level)];
    require_memory(tile_pixels_[static_cast<std::size_t>(level)]);
    std::vector<std::uint32_t> argb(static_cast<std::size_t>(area.width * area.height));
    const auto attempt = [&](const Handle& slide) -> std::optional<std::string> {
      openslide_read_region(
          slide.get(), argb.data(), std::llround(static_cast<double>(area.x) * step),
          std::llround(static_cast<double>(area.y) * step), level, area.width, area.height);
      const char* error = openslide_get_error(slide.get());
      return error == nullptr ? std::nullopt : std::optional<std::string>(error);
    };
    const Handle slide = current();
    if (!attempt(slide)) return argb;
    // One error makes a handle useless for good, so this one may stem from another thread's
    // region: ask once more, alone, with a handle of our own.
    const Handle fresh = reopen();
    const auto error = attempt(fresh);
    replace(slide, error ? reopen() : fresh);
    if (!error) return argb;
    fail(fmt::format("{}: cannot read level {}, region {}x{} at ({}, {})", file_.string(), level,
                     area.width, area.height, area.x, area.y),
         *error);
  }

  Handle current() const {
    if (auto slide = open_handles().find(id_)) return slide;
    return open_handles().put(id_, nullptr, reopen());
  }
  Handle reopen() const {
    Handle slide = open_handle(file_);
    if (slide == nullptr) throw SystemFailure(file_.string() + ": is no longer a readable slide");
    return slide;
  }
  void replace(const Handle& broken, Handle fresh) const {
    open_handles().put(id_, broken, std::move(fresh));
  }

  std::filesystem::path file_;
  std::string vendor_;
  std::vector<Level> levels_;
  std::vector<double> downsamples_;
  std::vector<std::int64_t> tile_pixels_;
  std::uint64_t id_ = next_source();
};

}  // namespace

std::unique_ptr<PixelSource> open_with_openslide(const std::filesystem::path& file) {
  tiff::silence_libtiff();
  const char* vendor = openslide_detect_vendor(file.c_str());
  if (vendor == nullptr) return nullptr;
  tiff::check_tiles(file);
  if (needs_trial(vendor)) try_to_open(file);
  Handle handle = open_handle(file);
  if (handle == nullptr) return nullptr;
  if (std::string_view(vendor) == "generic-tiff" && is_smaller_than_its_tiles(handle.get(), 0))
    return nullptr;  // a small TIFF: read as an image
  return std::make_unique<OpenSlideSource>(file, std::move(handle));
}

}  // namespace mito::slide

std::string mito::openslide_version() { return openslide_get_version(); }
