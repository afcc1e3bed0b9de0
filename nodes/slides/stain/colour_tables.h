#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "nodes/slides/stain/colour_map.h"

namespace mito::stain {

/// Applies colour maps to pixels at the cost of one load each, by a table of all 256^3 colours that
/// fills as colours are met. A map gets a table once it was asked for enough pixels; of several
/// maps, those used last keep theirs. Bytes never depend on which of it happens. Safe to use from
/// several threads at once.
class ColourTables {
 public:
  /// Of one table: 64 MiB, of which the system gives what is touched (a slide meets a small part of
  /// all colours).
  static constexpr std::size_t kTableBytes = std::size_t{4} << 24U;
  /// Pixels that are mapped without a table first.
  static constexpr std::int64_t kPixelsBeforeTable = 1 << 18;

  /// At most `max_tables` are kept; those that threads are working with live on until they are
  /// done.
  explicit ColourTables(std::size_t max_tables) : max_tables_(max_tables) {}

  /// Maps `rgb` ([pixel][3]) in place. `digest` names the map: equal digests, equal maps.
  void apply(const ColourMap& map, const std::string& digest, std::span<std::uint8_t> rgb);

  /// Tables kept now.
  std::size_t size() const;

 private:
  struct Free {
    void operator()(std::uint32_t* table) const;
  };
  using Table = std::unique_ptr<std::uint32_t, Free>;
  struct Entry {
    std::shared_ptr<std::uint32_t> table;
    std::int64_t asked = 0;      ///< Pixels since there was no table.
    std::uint64_t last_use = 0;  ///< Higher is later.
  };
  /// The table to use for `pixels` more pixels, or null.
  std::shared_ptr<std::uint32_t> table_for(const std::string& digest, std::int64_t pixels);

  std::size_t max_tables_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::size_t tables_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace mito::stain
