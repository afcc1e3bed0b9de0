#include "nodes/slides/stain/colour_tables.h"

#include <array>
#include <atomic>
#include <cstdlib>

namespace mito::stain {
namespace {

// A cell is 0 until its colour is met, then this mark and the mapped colour.
constexpr std::uint32_t kKnown = 0xFF000000;

std::uint32_t computed(const ColourMap& map, std::uint32_t colour) {
  const Rgb8 out =
      map.map({static_cast<std::uint8_t>(colour >> 16U), static_cast<std::uint8_t>(colour >> 8U),
               static_cast<std::uint8_t>(colour)});
  return kKnown | std::uint32_t{out[0]} << 16U | std::uint32_t{out[1]} << 8U | out[2];
}

/// Spreads the bits of a value three apart, from bit `first` on.
constexpr std::array<std::uint32_t, 256> spread(std::uint32_t first) {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t value = 0; value < 256; ++value) {
    for (std::uint32_t bit = 0; bit < 8; ++bit)
      out[value] |= (value >> bit & 1U) << (3 * bit + first);
  }
  return out;
}

// The cell of a colour. Like colours lie close together, in one cache line or page: 2 to 3 times as
// fast as a table in the order of R, G, B, and less memory is touched.
constexpr auto kRed = spread(2);
constexpr auto kGreen = spread(1);
constexpr auto kBlue = spread(0);

/// Calls `cell_of(colour)` for every pixel.
void for_each_pixel(std::span<std::uint8_t> rgb, auto&& cell_of) {
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const std::uint32_t cell =
        cell_of(std::uint32_t{rgb[i]} << 16U | std::uint32_t{rgb[i + 1]} << 8U | rgb[i + 2]);
    rgb[i] = static_cast<std::uint8_t>(cell >> 16U);
    rgb[i + 1] = static_cast<std::uint8_t>(cell >> 8U);
    rgb[i + 2] = static_cast<std::uint8_t>(cell);
  }
}

}  // namespace

void ColourTables::Free::operator()(std::uint32_t* table) const { std::free(table); }

void ColourTables::apply(const ColourMap& map,
                         const std::string& digest,
                         std::span<std::uint8_t> rgb) {
  const auto table = table_for(digest, static_cast<std::int64_t>(rgb.size() / 3));
  if (table == nullptr) {
    std::uint32_t last = 0;
    std::uint32_t cell = 0;  // of `last`, once it is known
    return for_each_pixel(rgb, [&](std::uint32_t colour) {
      if (cell == 0 || colour != last) {
        last = colour;
        cell = computed(map, colour);
      }
      return cell;
    });
  }
  std::uint32_t* cells = table.get();
  for_each_pixel(rgb, [&](std::uint32_t colour) {
    // Two threads may both find a colour missing; they write the same value.
    const std::atomic_ref<std::uint32_t> cell(
        cells[kRed[colour >> 16U] | kGreen[colour >> 8U & 255U] | kBlue[colour & 255U]]);
    std::uint32_t value = cell.load(std::memory_order_relaxed);
    if (value == 0) {
      value = computed(map, colour);
      cell.store(value, std::memory_order_relaxed);
    }
    return value;
  });
}

std::size_t ColourTables::size() const {
  const std::lock_guard lock(mutex_);
  return tables_;
}

std::shared_ptr<std::uint32_t> ColourTables::table_for(const std::string& digest,
                                                       std::int64_t pixels) {
  if (max_tables_ == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[digest];
  entry.last_use = ++clock_;
  if (entry.table != nullptr) return entry.table;
  entry.asked += pixels;
  if (entry.asked < kPixelsBeforeTable) return nullptr;
  if (tables_ == max_tables_) {
    Entry* oldest = nullptr;
    for (auto& [name, other] : entries_)
      if (other.table != nullptr && (oldest == nullptr || other.last_use < oldest->last_use))
        oldest = &other;
    oldest->table.reset();
    oldest->asked = 0;
    --tables_;
  }
  // Zeroed by the system page by page, when touched.
  Table table(static_cast<std::uint32_t*>(std::calloc(kTableBytes / 4, 4)));
  if (table == nullptr) return nullptr;  // no memory: slower, but the same bytes
  entry.table = std::move(table);
  ++tables_;
  return entry.table;
}

}  // namespace mito::stain
