#include "nodes/evaluate_cohort/curve_plot.h"

#include <spdlog/fmt/fmt.h>

namespace mito::evaluate_cohort {
namespace {

// The picture in its own pixels: a square for [0, 1] x [0, 1] and room for the labels.
constexpr double kLeft = 60;
constexpr double kTop = 30;
constexpr double kSide = 400;

std::string at(double threshold, double f1) {
  return fmt::format("{:.2f},{:.2f}", kLeft + kSide * threshold, kTop + kSide * (1 - f1));
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string axes() {
  std::string out;
  for (int i = 0; i <= 10; i += 2) {
    const double v = i / 10.0;
    const double x = kLeft + kSide * v;
    const double y = kTop + kSide * (1 - v);
    out += fmt::format(
        "<path d='M{:.0f},{:.0f}v{:.0f}M{:.0f},{:.0f}h{:.0f}' stroke='#ddd'/>"
        "<text x='{:.0f}' y='{:.0f}' text-anchor='middle'>{:.1f}</text>"
        "<text x='{:.0f}' y='{:.0f}' text-anchor='end'>{:.1f}</text>\n",
        x, kTop, kSide, kLeft, y, kSide, x, kTop + kSide + 16, v, kLeft - 6, y + 4, v);
  }
  return out + fmt::format(
                   "<text x='{:.0f}' y='{:.0f}' text-anchor='middle'>threshold</text>"
                   "<text x='16' y='{:.0f}' text-anchor='middle'>F1</text>\n",
                   kLeft + kSide / 2, kTop + kSide + 34, kTop + kSide / 2);
}

std::string band(std::span<const CurveRow> rows) {
  std::string upper;
  std::string lower;
  for (const auto& row : rows)
    if (row.rates.f1.interval) upper += at(row.threshold, row.rates.f1.interval->high) + " ";
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    if (row->rates.f1.interval) lower += at(row->threshold, row->rates.f1.interval->low) + " ";
  if (upper.empty()) return "";
  return "<polygon fill='#c6d8ef' points='" + upper + lower + "'/>\n";
}

std::string line(std::span<const CurveRow> rows) {
  std::string points;
  for (const auto& row : rows)
    if (row.rates.f1.value) points += at(row.threshold, *row.rates.f1.value) + " ";
  return "<polyline fill='none' stroke='#1f4e9c' stroke-width='1.5' points='" + points + "'/>\n";
}

}  // namespace

std::string plot(std::span<const CurveRow> rows, double measured, const std::string& title) {
  return fmt::format(
             "<svg xmlns='http://www.w3.org/2000/svg' width='{:.0f}' height='{:.0f}' "
             "font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' "
             "fill='white'/>\n<text x='{:.0f}' y='18'>{}</text>\n",
             kLeft + kSide + 20, kTop + kSide + 46, kLeft, escaped(title)) +
         axes() + band(rows) + line(rows) +
         fmt::format("<path d='M{}v{:.0f}' stroke='#c02020' stroke-dasharray='4 3'/>\n</svg>\n",
                     at(measured, 1), kSide);
}

}  // namespace mito::evaluate_cohort
