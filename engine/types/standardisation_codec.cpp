// How a standardisation looks outside the program, and its digest.
#include <algorithm>
#include <span>
#include <string_view>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/standardisation.h"

namespace mito {
namespace {

constexpr std::size_t kClassNumbers = 5 + 2 * ClassStatistics::kPercents.size();

/// Writes numbers in a row.
class Writer {
 public:
  void put(double value) { values_.push_back(value); }
  void put(std::span<const double> values) {
    values_.insert(values_.end(), values.begin(), values.end());
  }
  std::vector<double> take() { return std::move(values_); }

 private:
  std::vector<double> values_;
};

/// Reads them back in the same order.
class Reader {
 public:
  Reader(std::span<const double> values, std::string name)
      : rest_(values), name_(std::move(name)) {}
  void get(double& value) {
    if (rest_.empty()) throw DataError("attribute '" + name_ + "' has too few numbers");
    value = rest_.front();
    rest_ = rest_.subspan(1);
  }
  template <std::size_t N>
  void get(std::array<double, N>& values) {
    for (double& value : values) get(value);
  }
  void finish() const {
    if (!rest_.empty()) throw DataError("attribute '" + name_ + "' has too many numbers");
  }

 private:
  std::span<const double> rest_;
  std::string name_;
};

std::vector<double> numbers_of(const WsicsStatistics& statistics) {
  Writer out;
  for (const auto& c : statistics.classes) {
    out.put(c.median);
    out.put(c.angle);
    out.put(c.knots_u);
    out.put(c.knots_v);
    out.put(c.density_mean);
    out.put(c.density_sd);
  }
  return out.take();
}

std::vector<double> numbers_of(const MixtureStatistics& statistics) {
  Writer out;
  for (const auto& stain : statistics.stains) out.put(stain);
  out.put(statistics.max_concentration);
  return out.take();
}

std::vector<double> numbers_of(const LabStatistics& statistics) {
  Writer out;
  out.put(statistics.mean);
  out.put(statistics.sd);
  return out.take();
}

std::vector<double> numbers_of(const StainStatistics& statistics) {
  return std::visit([](const auto& kind) { return numbers_of(kind); }, statistics);
}

/// The kind of statistics follows from how many numbers there are.
StainStatistics statistics_of(const std::vector<double>& numbers, const std::string& name) {
  Reader in(numbers, name);
  if (numbers.size() == WsicsStatistics::kClasses * kClassNumbers) {
    WsicsStatistics out;
    for (auto& c : out.classes) {
      in.get(c.median);
      in.get(c.angle);
      in.get(c.knots_u);
      in.get(c.knots_v);
      in.get(c.density_mean);
      in.get(c.density_sd);
    }
    return out;
  }
  if (numbers.size() == 8) {
    MixtureStatistics out;
    for (auto& stain : out.stains) in.get(stain);
    in.get(out.max_concentration);
    return out;
  }
  LabStatistics out;
  in.get(out.mean);
  in.get(out.sd);
  in.finish();
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + '\n';
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return out;
}

}  // namespace

std::string colour_digest(const Standardisation& s) {
  std::string text = s.method;
  const auto put = [&](std::string_view name, std::span<const double> values) {
    text += '\n';
    text += name;
    for (const double value : values) text += ' ' + number_text(value);
  };
  put("density", std::array{s.density.white, s.density.add});
  put("source", numbers_of(s.source));
  put("target", numbers_of(s.target));
  put("minimum", s.classifier.minimum);
  put("width", s.classifier.width);
  put("priors", s.classifier.priors);
  put("likelihood", s.classifier.likelihood);
  return sha256(text);
}

Record Codec<Standardisation>::encode(const Standardisation& s) {
  Record record;
  auto& a = record.attributes;
  a["method"] = s.method;
  a["target_name"] = s.target_name;
  a["white"] = s.density.white;
  a["add"] = s.density.add;
  a["source"] = numbers_of(s.source);
  a["target"] = numbers_of(s.target);
  a["pixels"] = s.pixels;
  a["warnings"] = joined(s.warnings);
  a["classifier_bins"] = std::int64_t{s.classifier.bins};
  record.arrays["classifier_minimum"] = Array::of(s.classifier.minimum);
  record.arrays["classifier_width"] = Array::of(s.classifier.width);
  record.arrays["classifier_priors"] = Array::of(s.classifier.priors);
  record.arrays["classifier_likelihood"] = Array::of(s.classifier.likelihood);
  std::vector<std::int64_t> tiles;
  std::vector<std::string> reasons;
  for (const auto& tile : s.tiles) {
    const Rect& r = tile.area;
    tiles.insert(tiles.end(),
                 {r.x, r.y, r.width, r.height, tile.nuclei, tile.haematoxylin, tile.eosin});
    reasons.push_back(tile.skipped);
  }
  record.arrays["tiles"] = Array::of(tiles, {s.tiles.size(), 7});
  a["skipped"] = joined(reasons);
  return record;
}

Standardisation Codec<Standardisation>::decode(const Record& record) {
  Standardisation s;
  s.method = record.text("method");
  s.target_name = record.text("target_name");
  s.density = {record.number("white"), record.number("add")};
  s.source = statistics_of(record.numbers("source"), "source");
  s.target = statistics_of(record.numbers("target"), "target");
  s.pixels = record.integer("pixels");
  s.warnings = split(record.text("warnings"));
  auto& c = s.classifier;
  c.bins = static_cast<int>(record.integer("classifier_bins"));
  const auto read = [&](const char* name, std::vector<double>& out) {
    const auto values = record.array(name).as<double>();
    out.assign(values.begin(), values.end());
  };
  read("classifier_minimum", c.minimum);
  read("classifier_width", c.width);
  read("classifier_priors", c.priors);
  read("classifier_likelihood", c.likelihood);
  if (c.width.size() != c.minimum.size() ||
      c.likelihood.size() !=
          c.minimum.size() * c.priors.size() * static_cast<std::size_t>(std::max(c.bins, 0)))
    throw DataError("dataset 'classifier_likelihood' does not match features, classes and bins");
  const auto tiles = record.array("tiles").as<std::int64_t>();
  const auto reasons = split(record.text("skipped"));
  if (tiles.size() != 7 * reasons.size())
    throw DataError("dataset 'tiles' does not match the attribute 'skipped'");
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const auto t = tiles.subspan(7 * i, 7);
    s.tiles.push_back({{t[0], t[1], t[2], t[3]}, t[4], t[5], t[6], reasons[i]});
  }
  return s;
}

}  // namespace mito
