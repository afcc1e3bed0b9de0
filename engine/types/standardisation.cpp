#include "engine/types/standardisation.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "engine/core/description.h"
#include "engine/core/digest.h"
#include "engine/core/text.h"

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

/// Statistics of one kind or another as a list of numbers.
StoredField<Standardisation> statistics(const std::string& name,
                                        StainStatistics Standardisation::*member,
                                        const Meaning& meaning) {
  return {{described::attribute_row(name, std::vector<double>(), meaning)},
          [=](const Standardisation& s, Record& record) {
            record.attributes[name] = numbers_of(s.*member);
          },
          [=](const Record& record, Standardisation& s) {
            s.*member = statistics_of(record.numbers(name), name);
          }};
}

/// Why each tile was not used, a line each, behind their other columns.
StoredField<Standardisation> reasons() {
  return {
      {described::attribute_row("skipped", std::string(),
                                {"Why each tile was not used, one a line; empty when it was."})},
      [](const Standardisation& s, Record& record) {
        std::vector<std::string> lines;
        for (const auto& tile : s.tiles) lines.push_back(tile.skipped);
        record.attributes["skipped"] = joined(lines);
      },
      [](const Record& record, Standardisation& s) {
        auto lines = split(record.text("skipped"));
        if (lines.size() != s.tiles.size())
          throw DataError("dataset 'tiles' does not match the attribute 'skipped'");
        for (std::size_t i = 0; i < lines.size(); ++i) s.tiles[i].skipped = std::move(lines[i]);
      }};
}

void describe_classifier(Description<ColourClassifier>& d) {
  using C = ColourClassifier;
  d.attribute("classifier_bins", &C::bins, {"Bins of each histogram; 0 where there is none."});
  d.column("classifier_minimum", &C::minimum, "F", {"Position of bin 0 of each feature."});
  d.column("classifier_width", &C::width, "F", {"Width of its bins."});
  d.column("classifier_priors", &C::priors, "C", {"Share of each class."});
  d.column("classifier_likelihood", &C::likelihood, "F * C * bins",
           {"Histograms, by feature, class and bin."});
  d.check([](const C& c) {
    if (c.width.size() != c.minimum.size() ||
        c.likelihood.size() !=
            c.minimum.size() * c.priors.size() * static_cast<std::size_t>(std::max(c.bins, 0)))
      throw DataError("dataset 'classifier_likelihood' does not match features, classes and bins");
  });
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

void Payload<Standardisation>::describe(Description<Standardisation>& d) {
  using S = Standardisation;
  d.about("How the colours of one slide become those of a template.");
  d.attribute("method", &S::method, {"wsics, macenko, vahadane or reinhard."});
  d.attribute("target_name", &S::target_name, {"Where the template is from."});
  d.within(&S::density, [](Description<DensityScale>& scale) {
    scale.attribute("white", &DensityScale::white, {"Of optical densities: light that is white."});
    scale.attribute("add", &DensityScale::add,
                    {"Added to the light before its logarithm is taken."});
  });
  d.field(
      statistics("source", &S::source,
                 {"Of this slide: 57 numbers (wsics), 8 (macenko, vahadane) or 6 (reinhard)."}));
  d.field(statistics("target", &S::target, {"Of the template, of the same kind."}));
  d.attribute("pixels", &S::pixels, {"Pixels that `source` was taken from."});
  d.field({{described::attribute_row("warnings", std::string(), {"One a line."})},
           [](const S& s, Record& record) { record.attributes["warnings"] = joined(s.warnings); },
           [](const Record& record, S& s) { s.warnings = split(record.text("warnings")); }});
  d.within(&S::classifier, describe_classifier);
  d.rows(&S::tiles, "N")
      .column(
          "tiles",
          [](auto& t) {
            auto& a = t.area;
            return std::tie(a.x, a.y, a.width, a.height, t.nuclei, t.haematoxylin, t.eosin);
          },
          {"Tiles that were looked at: x, y, width, height on the analysis grid, nuclei, pixels "
           "of haematoxylin and of eosin."});
  d.field(reasons());
}

template struct DescribedCodec<Standardisation>;

}  // namespace mito
