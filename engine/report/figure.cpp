#include "engine/report/figure.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <spdlog/fmt/fmt.h>

namespace mito::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "https://vega.github.io/schema/vega-lite/v6.json";
constexpr const char* kBlue = "#1f5fa8";
constexpr const char* kGrey = "#8a93a0";
constexpr const char* kDark = "#20262e";
constexpr const char* kPublished = "#c2571a";
/// Of series: so dark that their names can be read on white.
constexpr std::array kSeries{"#1f5fa8", "#bc5215", "#007a5e", "#8e3fb0", "#8a6d00",
                             "#b5305a", "#2f7f93", "#5f7a1f", "#7a4a2b", "#5f6670"};
constexpr std::size_t kHeight = 340;        // px
constexpr std::size_t kVariantHeight = 28;  // px
constexpr std::size_t kCharacterWidth = 7;  // px, of a legend
constexpr double kLabelHeight = 18;         // px, of a name at the end of a line
constexpr double kLabelShare = 0.3;         // of the width of the figure
constexpr double kEffectShare = 0.4;        // the same, of a difference
constexpr std::size_t kMostLabels = 12;     // names at the ends of lines
constexpr std::size_t kFieldHeight = 34;    // px, of a grid

/// A length that follows the width of the figure.
Json share_of_width(double share) {
  return {{"expr", fmt::format("{} * containerSize()[0]", share)}};
}

/// Looks that all figures share.
Json config() {
  return {{"font", "system-ui, sans-serif"},
          {"view", {{"stroke", nullptr}}},
          {"axis",
           {{"labelFontSize", 12},
            {"titleFontSize", 13},
            {"titleFontWeight", "normal"},
            {"titlePadding", 10},
            {"gridColor", "#e6e9ee"},
            {"domainColor", kGrey},
            {"tickColor", kGrey},
            {"labelFlush", false},
            {"labelOverlap", "greedy"},
            {"labelSeparation", 8},
            {"labelLimit", share_of_width(0.38)}}},
          {"legend",
           {{"orient", "bottom"},
            {"labelFontSize", 12},
            {"labelLimit", share_of_width(0.6)},
            {"layout", {{"bottom", {{"anchor", "start"}, {"bounds", "full"}}}}},
            {"symbolOpacity", 1},
            {"symbolStrokeWidth", 2.5},
            {"title", nullptr}}}};
}

Figure figure_of(const Heading& heading, Json layers, Json rows, std::size_t height = kHeight) {
  Json spec{{"$schema", kSchema},
            {"description", heading.title},
            {"width", "container"},
            {"height", height},
            {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}},
            {"background", "white"},
            {"data", {{"values", std::move(rows)}}},
            {"layer", std::move(layers)},
            {"config", config()}};
  return {heading.name, heading.title, heading.caption, std::move(spec)};
}

Json rows() { return Json::array(); }

Json quantity(const char* field, const Axis& axis) {
  Json out{{"field", field},
           {"type", "quantitative"},
           {"title", axis.title},
           {"scale", {{"zero", false}, {"nice", true}}}};
  if (axis.domain) out["scale"] = {{"domain", {axis.domain->low, axis.domain->high}}};
  return out;
}

Json tooltip(const char* field, const std::string& title, bool number) {
  Json out{{"field", field}, {"type", number ? "quantitative" : "nominal"}, {"title", title}};
  if (number) out["format"] = ".4~g";
  return out;
}

Json only(const char* kind) {
  return Json::array({Json{{"filter", {{"field", "kind"}, {"equal", kind}}}}});
}

Json only_valid(const char* field) {
  return Json::array({Json{{"filter", {{"field", field}, {"valid", true}}}}});
}

/// Without layers of a kind that no row has: an axis needs values.
Json drawn(const Json& layers, const Json& data) {
  Json out = Json::array();
  for (const auto& layer : layers) {
    const auto kind = layer.value(Json::json_pointer("/transform/0/filter/equal"), "");
    if (kind.empty() ||
        std::ranges::any_of(data, [&](const Json& row) { return row.value("kind", "") == kind; }))
      out.push_back(layer);
  }
  return out;
}

/// As many columns as the names leave room for.
Json legend_columns(const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const auto& name : names) longest = std::max(longest, name.size());
  return {{"expr", fmt::format("clamp(floor(containerSize()[0] / {}), 1, 5)",
                               kCharacterWidth * (longest + 6))}};
}

/// A colour per series; more than twenty follow the rainbow. Few have names at their ends instead
/// of a legend.
Json colour_of_series(const std::vector<std::string>& series) {
  Json scale{{"domain", series}};
  if (series.size() == 1) {
    scale["range"] = {kBlue};
  } else {
    if (series.size() <= kSeries.size())
      scale["range"] = kSeries;
    else
      scale["scheme"] = series.size() <= 20 ? "tableau20" : "turbo";
  }
  Json legend = nullptr;
  if (series.size() > kMostLabels)
    legend = {{"columns", legend_columns(series)}, {"symbolType", "stroke"}};
  return {{"field", "series"}, {"type", "nominal"}, {"scale", scale}, {"legend", legend}};
}

std::vector<std::string> series_of(const std::vector<Curve>& curves) {
  std::vector<std::string> out;
  for (const auto& curve : curves)
    if (std::ranges::find(out, curve.series) == out.end()) out.push_back(curve.series);
  return out;
}

/// What is drawn of a curve: a line of its series or of a repeat, or a dot where it has one point.
const char* kind_of(const Curve& curve) {
  if (curve.points.size() == 1) return "dot";
  return curve.repeat.empty() ? "series" : "repeat";
}

Json curve_rows(const std::vector<Curve>& curves) {
  Json out = rows();
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const auto& curve = curves[i];
    for (std::size_t p = 0; p < curve.points.size(); ++p) {
      const auto& point = curve.points[p];
      Json row{{"kind", kind_of(curve)},
               {"series", curve.series},
               {"line", i},
               {"order", p},
               {"x", point.x},
               {"y", point.y}};
      if (!curve.repeat.empty()) row["repeat"] = curve.repeat;
      if (point.band) {
        row["low"] = point.band->low;
        row["high"] = point.band->high;
      }
      out.push_back(std::move(row));
    }
  }
  return out;
}

Json line_layer(const char* kind, const Json& encoding, double width, double opacity) {
  Json layer{{"transform", only(kind)},
             {"mark", {{"type", "line"}, {"strokeWidth", width}, {"opacity", opacity}}},
             {"encoding", encoding}};
  layer["encoding"]["detail"] = {{"field", "line"}, {"type", "nominal"}};
  layer["encoding"]["order"] = {{"field", "order"}, {"type", "quantitative"}};
  return layer;
}

Json dot_layer(const Json& encoding) {
  return {{"transform", only("dot")},
          {"mark", {{"type", "circle"}, {"size", 40}}},
          {"encoding", encoding}};
}

/// The name of a series at the right side of the chart.
struct EndLabel {
  std::string series;
  double y = 0;
};

/// The values of y that the chart shows.
Range shown_range(const std::vector<Curve>& curves, const Axis& y) {
  if (y.domain) return *y.domain;
  std::optional<Range> out;
  for (const auto& curve : curves) {
    for (const auto& point : curve.points) {
      const Range here = point.band.value_or(Range{point.y, point.y});
      const Range all = out.value_or(here);
      out = Range{std::min({all.low, here.low, point.y}), std::max({all.high, here.high, point.y})};
    }
  }
  return out.value_or(Range{0, 1});
}

/// Where the lines end, moved apart so that no two names touch.
std::vector<EndLabel> end_labels(const std::vector<Curve>& curves, const Axis& y) {
  std::vector<EndLabel> out;
  for (const auto& curve : curves)
    if (curve.repeat.empty() && !curve.points.empty())
      out.push_back({curve.series, std::ranges::max_element(curve.points, {}, &CurvePoint::x)->y});
  std::ranges::stable_sort(out, {}, &EndLabel::y);
  const Range shown = shown_range(curves, y);
  const double line = (shown.high - shown.low) * kLabelHeight / static_cast<double>(kHeight);
  for (std::size_t i = 1; i < out.size(); ++i) out[i].y = std::max(out[i].y, out[i - 1].y + line);
  double limit = shown.high;  // what was moved out at the top moves back
  for (std::size_t i = out.size(); i-- > 0; limit = out[i].y - line)
    out[i].y = std::min(out[i].y, limit);
  return out;
}

Json end_layer(const std::vector<Curve>& curves, const Axis& y, const Json& colour) {
  Json data = rows();
  for (const auto& label : end_labels(curves, y))
    data.push_back({{"series", label.series}, {"y", label.y}});
  return {{"data", {{"values", data}}},
          {"mark",
           {{"type", "text"},
            {"align", "left"},
            {"baseline", "middle"},
            {"dx", 6},
            {"fontSize", 12},
            {"limit", share_of_width(kLabelShare)}}},
          {"encoding",
           {{"x", {{"value", "width"}}},
            {"y", quantity("y", y)},
            {"color", colour},
            {"text", {{"field", "series"}, {"type", "nominal"}}}}}};
}

Json band_layer(const Json& encoding) {
  Json layer{{"transform", only_valid("low")},
             {"mark", {{"type", "area"}, {"opacity", 0.16}}},
             {"encoding", encoding}};
  layer["encoding"]["y"]["field"] = "low";
  layer["encoding"]["y2"] = {{"field", "high"}};
  layer["encoding"]["detail"] = {{"field", "line"}, {"type", "nominal"}};
  return layer;
}

/// Dots that cannot be seen and tell their values to the mouse.
Json hover_layer(const Json& encoding, const Axis& x, const Axis& y, bool band, bool repeats) {
  Json shown = Json::array({tooltip("series", "curve", false)});
  if (repeats) shown.push_back(tooltip("repeat", "repeat", false));
  shown.push_back(tooltip("x", x.title, true));
  shown.push_back(tooltip("y", y.title, true));
  if (band) {
    shown.push_back(tooltip("low", "from", true));
    shown.push_back(tooltip("high", "to", true));
  }
  Json layer{{"mark", {{"type", "point"}, {"size", 60}, {"opacity", 0}}}, {"encoding", encoding}};
  layer["encoding"].erase("color");
  layer["encoding"]["tooltip"] = shown;
  return layer;
}

/// Does `x` lie in the left half of the chart?
bool is_left(double x, const std::vector<Curve>& curves, const std::optional<Range>& domain) {
  Range shown = domain.value_or(Range{x, x});
  if (!domain) {
    for (const auto& curve : curves) {
      for (const auto& point : curve.points)
        shown = {std::min(shown.low, point.x), std::max(shown.high, point.x)};
    }
  }
  return x < (shown.low + shown.high) / 2;
}

/// A dashed line, its text on the side that has more room.
Json rule_layers(const Mark& mark, bool left) {
  const Json data{{"values", Json::array({Json{{"at", mark.x}, {"text", mark.text}}})}};
  const Json x{{"field", "at"}, {"type", "quantitative"}};
  return Json::array(
      {Json{{"data", data},
            {"mark", {{"type", "rule"}, {"color", kPublished}, {"strokeDash", {5, 4}}}},
            {"encoding", {{"x", x}}}},
       Json{{"data", data},
            {"mark",
             {{"type", "text"},
              {"color", kPublished},
              {"align", left ? "left" : "right"},
              {"baseline", "top"},
              {"dx", left ? 5 : -5},
              {"dy", 4},
              {"fontSize", 12}}},
            {"encoding",
             {{"x", x},
              {"y", {{"value", 0}}},
              {"text", {{"field", "text"}, {"type", "nominal"}}}}}}});
}

/// The colours of a spread and what they stand for.
Json colour_of_spread(const char* kind, const std::string& source) {
  Json names{"one run", "mean ± standard deviation"};
  Json range{kBlue, kDark};
  if (!source.empty()) {
    names.push_back("published: " + source);
    range.push_back(kPublished);
  }
  const auto at = std::string_view(kind) == "repeat" ? 0U
                  : std::string_view(kind) == "mean" ? 1U
                                                     : 2U;
  return {{"datum", names[at]},
          {"type", "nominal"},
          {"scale", {{"domain", names}, {"range", range}}},
          {"legend", {{"columns", 1}, {"symbolType", "circle"}}}};
}

Json spread_rows(const std::vector<Spread>& spreads) {
  Json out = rows();
  for (const auto& spread : spreads) {
    const auto add = [&](const char* kind, Json values) {
      values["kind"] = kind;
      values["variant"] = spread.variant;
      out.push_back(std::move(values));
    };
    for (const auto& repeat : spread.repeats)
      add("repeat", {{"value", repeat.value}, {"repeat", repeat.name}});
    if (spread.mean) add("mean", {{"value", *spread.mean}, {"runs", spread.repeats.size()}});
    if (spread.deviation)
      add("deviation", {{"value", spread.deviation->low}, {"high", spread.deviation->high}});
    if (spread.published) add("published", {{"value", *spread.published}});
  }
  return out;
}

/// Do all rows have one value? An axis would give it six decimals.
bool is_constant(const Json& data) {
  return std::ranges::all_of(data, [&](const Json& row) {
    return row["value"] == data.front()["value"] && row.value("high", row["value"]) == row["value"];
  });
}

/// A line for each of them, in this order.
Json variant_lines(const Json& variants) {
  return {{"field", "variant"},
          {"type", "nominal"},
          {"title", nullptr},
          {"sort", variants},
          {"scale", {{"domain", variants}}},
          {"axis", {{"grid", true}, {"ticks", false}, {"domain", false}, {"labelPadding", 10}}}};
}

Json spread_layer(const char* kind, Json mark, const Axis& value, const Json& variants) {
  return {{"transform", only(kind)},
          {"mark", std::move(mark)},
          {"encoding", {{"x", quantity("value", value)}, {"y", variant_lines(variants)}}}};
}

Json effect_rows(const std::vector<Effect>& effects) {
  Json out = rows();
  for (const auto& effect : effects) {
    const auto& interval = effect.interval;
    const bool clear = interval && (interval->low > 0 || interval->high < 0);
    Json row{{"kind", clear ? "clear" : "open"},
             {"variant", effect.variant},
             {"difference", effect.difference},
             {"text", effect.text}};
    if (interval) {
      row["low"] = interval->low;
      row["high"] = interval->high;
    }
    out.push_back(std::move(row));
  }
  return out;
}

/// Where there is no difference.
Json zero_line() {
  return {{"data", {{"values", Json::array({Json{{"at", 0}}})}}},
          {"mark", {{"type", "rule"}, {"color", kGrey}, {"strokeDash", {5, 4}}}},
          {"encoding", {{"x", {{"field", "at"}, {"type", "quantitative"}}}}}};
}

/// The line on which scores are probabilities.
Json diagonal() {
  const Json ends = Json::array({Json{{"at", 0}}, Json{{"at", 1}}});
  return {{"data", {{"values", ends}}},
          {"mark", {{"type", "line"}, {"color", kGrey}, {"strokeDash", {5, 4}}}},
          {"encoding",
           {{"x", {{"field", "at"}, {"type", "quantitative"}}},
            {"y", {{"field", "at"}, {"type", "quantitative"}}}}}};
}

}  // namespace

Figure curve_figure(const Heading& heading,
                    const Axis& x,
                    const Axis& y,
                    const std::vector<Curve>& curves,
                    const std::optional<Mark>& mark) {
  const bool repeats =
      std::ranges::any_of(curves, [](const Curve& c) { return !c.repeat.empty(); });
  const bool band = std::ranges::any_of(curves, [](const Curve& c) {
    return std::ranges::any_of(c.points, [](const CurvePoint& p) { return p.band.has_value(); });
  });
  const Json encoding{{"x", quantity("x", x)},
                      {"y", quantity("y", y)},
                      {"color", colour_of_series(series_of(curves))}};
  Json layers = Json::array();
  if (band) layers.push_back(band_layer(encoding));
  layers.push_back(line_layer("repeat", encoding, 1, 0.45));
  layers.push_back(line_layer("series", encoding, 2.2, 1));
  layers.push_back(dot_layer(encoding));
  layers.push_back(hover_layer(encoding, x, y, band, repeats));
  if (mark)
    for (auto& layer : rule_layers(*mark, is_left(mark->x, curves, x.domain)))
      layers.push_back(std::move(layer));
  const auto series = series_of(curves).size();
  if (series > 1 && series <= kMostLabels)
    layers.push_back(end_layer(curves, y, encoding["color"]));
  auto data = curve_rows(curves);
  layers = drawn(layers, data);
  return figure_of(heading, std::move(layers), std::move(data));
}

Figure spread_figure(const Heading& heading,
                     const Axis& value,
                     const std::vector<Spread>& spreads,
                     const std::string& source) {
  Json variants = Json::array();
  for (const auto& spread : spreads) variants.push_back(spread.variant);
  const auto layer = [&](const char* kind, const char* colour, Json mark) {
    Json out = spread_layer(kind, std::move(mark), value, variants);
    out["encoding"]["color"] = colour_of_spread(colour, source);
    out["encoding"]["tooltip"] =
        Json::array({tooltip("variant", "variant", false), tooltip("value", value.title, true)});
    return out;
  };
  Json deviation = layer("deviation", "mean", {{"type", "rule"}, {"strokeWidth", 1.5}});
  deviation["encoding"]["x2"] = {{"field", "high"}};
  deviation["encoding"]["tooltip"] =
      Json::array({tooltip("variant", "variant", false), tooltip("value", "mean - sd", true),
                   tooltip("high", "mean + sd", true)});
  Json repeat = layer("repeat", "repeat", {{"type", "circle"}, {"size", 60}, {"opacity", 0.7}});
  repeat["encoding"]["tooltip"].push_back(tooltip("repeat", "run", false));
  Json mean = layer("mean", "mean", {{"type", "tick"}, {"thickness", 2}, {"size", 16}});
  mean["encoding"]["tooltip"].push_back(tooltip("runs", "runs", true));
  const Json published =
      layer("published", "published",
            {{"type", "point"}, {"shape", "diamond"}, {"size", 90}, {"strokeWidth", 2}});
  auto data = spread_rows(spreads);
  auto layers = drawn(Json::array({deviation, repeat, mean, published}), data);
  if (is_constant(data))
    for (auto& one : layers) one["encoding"]["x"]["axis"] = {{"format", "~g"}};
  return figure_of(heading, std::move(layers), std::move(data), kVariantHeight * spreads.size());
}

Figure forest_figure(const Heading& heading,
                     const Axis& difference,
                     const std::vector<Effect>& effects) {
  Json variants = Json::array();
  for (const auto& effect : effects) variants.push_back(effect.variant);
  const Json y = variant_lines(variants);
  Json x = quantity("difference", difference);
  x["axis"] = {{"format", "~g"}};
  const Json told =
      Json::array({tooltip("variant", "variant", false), tooltip("difference", "difference", true),
                   tooltip("low", "from", true), tooltip("high", "to", true)});
  Json interval{{"transform", only_valid("low")},
                {"mark", {{"type", "rule"}, {"strokeWidth", 2}, {"color", kBlue}}},
                {"encoding", {{"x", x}, {"x2", {{"field", "high"}}}, {"y", y}, {"tooltip", told}}}};
  interval["encoding"]["x"]["field"] = "low";
  const auto dot = [&](const char* kind, const char* fill) {
    return Json{{"transform", only(kind)},
                {"mark",
                 {{"type", "point"},
                  {"size", 90},
                  {"opacity", 1},
                  {"strokeWidth", 2},
                  {"stroke", kBlue},
                  {"fill", fill}}},
                {"encoding", {{"x", x}, {"y", y}, {"tooltip", told}}}};
  };
  const Json text{{"mark",
                   {{"type", "text"},
                    {"align", "left"},
                    {"baseline", "middle"},
                    {"dx", 10},
                    {"fontSize", 12},
                    {"color", kDark},
                    {"limit", share_of_width(kEffectShare)}}},
                  {"encoding",
                   {{"x", {{"value", "width"}}},
                    {"y", y},
                    {"text", {{"field", "text"}, {"type", "nominal"}}}}}};
  auto data = effect_rows(effects);
  Json layers = Json::array({zero_line()});
  if (std::ranges::any_of(effects, [](const Effect& e) { return e.interval.has_value(); }))
    layers.push_back(std::move(interval));
  for (auto& layer : {dot("clear", kBlue), dot("open", "white"), text}) layers.push_back(layer);
  layers = drawn(layers, data);
  return figure_of(heading, std::move(layers), std::move(data), kVariantHeight * effects.size());
}

Figure grid_figure(const Heading& heading,
                   const GridSide& x,
                   const GridSide& y,
                   const std::string& value,
                   const std::vector<GridCell>& cells,
                   bool of_differences) {
  Json data = rows();
  std::optional<Range> range;
  for (const auto& cell : cells) {
    if (cell.value) {
      if (!range) range = Range{*cell.value, *cell.value};
      range = Range{std::min(range->low, *cell.value), std::max(range->high, *cell.value)};
    }
    Json row{{"x", x.values.at(cell.x)}, {"y", y.values.at(cell.y)}, {"text", cell.text}};
    if (cell.value) row["value"] = *cell.value;
    data.push_back(std::move(row));
  }
  const auto side = [](const char* field, const GridSide& one) {
    return Json{{"field", field},
                {"type", "nominal"},
                {"title", one.title},
                {"sort", one.values},
                {"scale", {{"domain", one.values}}},
                {"axis", {{"labelAngle", 0}, {"ticks", false}, {"domain", false}}}};
  };
  const Json encoding{{"x", side("x", x)}, {"y", side("y", y)}};
  Json fields{{"mark", {{"type", "rect"}, {"stroke", "white"}, {"strokeWidth", 2}}},
              {"encoding", encoding}};
  // As far to either side, so that no difference is the colour in the middle.
  const double most = range ? std::max(std::abs(range->low), std::abs(range->high)) : 0;
  const double end = most > 0 ? most : 1;
  fields["encoding"]["color"] = {
      {"field", "value"},
      {"type", "quantitative"},
      {"title", value},
      {"scale", of_differences ? Json{{"scheme", "blueorange"}, {"domain", {-end, end}}}
                               : Json{{"scheme", "blues"}, {"zero", false}}},
      {"legend", {{"title", value}, {"gradientLength", 160}}}};
  fields["encoding"]["tooltip"] = Json::array(
      {tooltip("x", x.title, false), tooltip("y", y.title, false), tooltip("text", value, false)});
  Json numbers{{"mark", {{"type", "text"}, {"fontSize", 12}}}, {"encoding", encoding}};
  numbers["encoding"]["text"] = {{"field", "value"}, {"type", "quantitative"}, {"format", ".3~g"}};
  // White where the field is dark; colours of differences stay light enough.
  if (!of_differences)
    numbers["encoding"]["color"] = {
        {"condition",
         {{"test", fmt::format("datum.value > {}", range ? (range->low + 2 * range->high) / 3 : 0)},
          {"value", "white"}}},
        {"value", kDark}};
  numbers["transform"] = only_valid("value");
  return figure_of(heading, Json::array({fields, numbers}), std::move(data),
                   kFieldHeight * std::max<std::size_t>(y.values.size(), 2));
}

Figure calibration_figure(const Heading& heading, const std::vector<CalibrationPoint>& points) {
  Json data = rows();
  for (const auto& point : points) {
    data.push_back({{"low", point.scores.low},
                    {"high", point.scores.high},
                    {"count", point.count},
                    {"score", point.mean_score},
                    {"share", point.share_true}});
  }
  const Json encoding{{"x", quantity("score", {"mean score", Range{0, 1}})},
                      {"y", quantity("share", {"share of true mitoses", Range{0, 1}})}};
  Json dots{{"mark", {{"type", "circle"}, {"color", kBlue}, {"opacity", 0.85}}},
            {"encoding", encoding}};
  dots["encoding"]["size"] = {{"field", "count"},
                              {"type", "quantitative"},
                              {"title", "detections"},
                              {"scale", {{"range", {30, 400}}}},
                              {"legend", {{"title", "detections"}, {"tickCount", 3}}}};
  dots["encoding"]["tooltip"] =
      Json::array({tooltip("low", "scores from", true), tooltip("high", "to", true),
                   tooltip("count", "detections", true), tooltip("score", "mean score", true),
                   tooltip("share", "share of true mitoses", true)});
  const Json line{{"mark", {{"type", "line"}, {"color", kBlue}}}, {"encoding", encoding}};
  return figure_of(heading, Json::array({diagonal(), line, dots}), std::move(data));
}

Figure froc_figure(const Heading& heading,
                   const std::string& false_positives,
                   const std::vector<FrocPoint>& points) {
  Json data = rows();
  for (std::size_t i = 0; i < points.size(); ++i) {
    data.push_back({{"order", i},
                    {"threshold", points[i].threshold},
                    {"fp", points[i].false_positives},
                    {"recall", points[i].recall}});
  }
  const Json encoding{{"x", quantity("fp", {false_positives, std::nullopt})},
                      {"y", quantity("recall", {"recall", Range{0, 1}})},
                      {"order", {{"field", "order"}, {"type", "quantitative"}}}};
  Json line{{"mark", {{"type", "line"}, {"color", kBlue}, {"strokeWidth", 2.2}}},
            {"encoding", encoding}};
  line["encoding"]["x"]["scale"] = {{"zero", true}, {"nice", true}};
  Json dots = line;
  dots["mark"] = {{"type", "point"}, {"filled", true}, {"size", 40}, {"opacity", 0.001}};
  dots["encoding"].erase("order");
  dots["encoding"]["tooltip"] =
      Json::array({tooltip("threshold", "threshold", true), tooltip("recall", "recall", true),
                   tooltip("fp", false_positives, true)});
  return figure_of(heading, Json::array({line, dots}), std::move(data));
}

}  // namespace mito::report
