#pragma once
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// Physical meaning of a parameter. The YAML key ends in the matching suffix.
enum class Unit {
  None,
  Pixel,
  Micron,
  SquareMillimetre,
  MicronPerPixel,
  Intensity,
  Probability,
  Second,
  Mebibyte,
};

/// "_um" for Micron; empty for units that need no suffix.
constexpr std::string_view suffix(Unit unit) {
  switch (unit) {
    case Unit::Pixel:
      return "_px";
    case Unit::Micron:
      return "_um";
    case Unit::SquareMillimetre:
      return "_mm2";
    case Unit::MicronPerPixel:
      return "_mpp";
    case Unit::Second:
      return "_s";
    case Unit::Mebibyte:
      return "_mib";
    case Unit::None:
    case Unit::Intensity:
    case Unit::Probability:
      break;
  }
  return "";
}

/// Inclusive bounds of a number.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

/// Where a default comes from; printed by `describe` and in reports.
enum class Origin {
  Paper,   ///< Tellez et al. 2018 says so.
  Choice,  ///< Ours, because the paper leaves it open.
};

/// What a parameter can change.
enum class Affects {
  Result,     ///< Part of the content key.
  Execution,  ///< Speed or messages only: not part of the content key.
  /// Of an expand node whose elements have digests of their own: which elements there are. Not part
  /// of their keys, so that asking for more elements leaves the results of the others as they are.
  Selection,
};

/// Everything a reader, a schema, a table or a key needs to know about one parameter.
struct Field {
  Unit unit = Unit::None;
  Range range = {};
  std::vector<std::string_view> choices = {};  ///< Allowed values of a text parameter.
  Origin origin = Origin::Choice;
  Affects affects = Affects::Result;
  std::string_view doc;
};

namespace detail {
struct AnyField {
  void operator()(std::string_view, auto&, const Field&) const {}
};
}  // namespace detail

/// A parameter struct lists its fields once, through a visitor; defaults are its member
/// initialisers. Members are bool, int, std::int64_t, double, std::string, std::optional of
/// double, or std::vector of double, int or std::string.
///
///     static void describe(auto& p, auto&& field) {
///       field("diameter_um", p.diameter_um,
///             {.unit = Unit::Micron, .range = {1, 250}, .origin = Origin::Paper, .doc = "..."});
///     }
template <class P>
concept Described = std::default_initializable<P> && requires(P& p) {
  P::describe(p, detail::AnyField{});
};

struct NoParams {
  static void describe(auto&, auto&&) {}
};

}  // namespace mito
