#pragma once
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// What the number of a parameter means. The name of the parameter ends in the unit's suffix, and
/// no other name does; unit_problem() holds both.
enum class Unit {
  None,
  Pixel,
  Micron,
  SquareMicron,
  SquareMillimetre,
  PerSquareMillimetre,
  MicronPerPixel,
  Intensity,    ///< Fraction of white, in [0, 1].
  Level,        ///< Of a channel or saturation of 8 bits, in [0, 255].
  Probability,  ///< In [0, 1].
  Second,
  Mebibyte,
};

/// "_um" for Micron; empty for units that need no suffix.
std::string_view suffix(Unit unit);

/// What `describe` and the pages print behind a number: "um"; empty for None.
std::string_view name_of(Unit unit);

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
  /// The result, by a parameter that a node got after results of it had been stored, and at whose
  /// default it computes what it did before. Part of the key only when it is not at its default, so
  /// that those results are still found.
  Addition,
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

/// What is wrong with the unit of a parameter, or empty: its name does not end in the suffix, or in
/// that of another unit, or its range goes beyond what the unit allows.
std::string unit_problem(std::string_view name, const Field& field);

/// What is wrong with a value, or empty: "must be in [0, 1], got 1.6".
std::string value_problem(const Field& field, double value);
/// "must be one of a, b, got 'c'; did you mean 'b'?"
std::string value_problem(const Field& field, const std::string& value);

/// Of the seed of random numbers: 32 bits.
inline Field seed_field(std::string_view doc, Affects affects = Affects::Result) {
  return {.range = {0, 4294967295.0}, .affects = affects, .doc = doc};
}
/// Of where networks run; results are the same.
inline Field device_field(std::string_view doc) {
  return {.choices = {"auto", "cpu", "cuda"}, .affects = Affects::Execution, .doc = doc};
}
/// Of the memory that a step may use for what it would otherwise make again.
inline Field memory_field(std::string_view doc) {
  return {.unit = Unit::Mebibyte, .range = {0, 1e7}, .affects = Affects::Execution, .doc = doc};
}

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
