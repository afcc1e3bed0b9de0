#include "tools/sweep/comparison.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"

namespace mito::sweep {
namespace {

using Kind = report::Table::Column::Kind;
using RowBySeed = std::map<std::string, const Row*>;

/// The runs of a variant that have the metric and stand: those that collapsed do not.
RowBySeed standing(const Table& table, const std::string& variant, std::size_t metric) {
  RowBySeed out;
  for (const auto& row : table.rows)
    if (row.variant == variant && row.state == "done" && row.metrics[metric]) out[row.seed] = &row;
  return out;
}

std::size_t seeds_of(const Table& table) {
  std::set<std::string> seeds;
  for (const auto& row : table.rows) seeds.insert(row.seed);
  return seeds.size();
}

bool has_cases(const Table& table, std::size_t metric) {
  return table.kinds.size() > metric && table.kinds[metric].has_cases;
}

/// What several variants have in common.
struct Paired {
  std::vector<std::string> seeds;
  std::optional<std::size_t> cases;
  std::vector<stats::Repeats> variants;  ///< In the order given.
};

/// The cases that all `runs` have, sorted.
std::vector<std::string> common_cases(const std::vector<const Row*>& runs, std::size_t metric) {
  std::vector<std::string> out;
  for (const auto& [name, part] : *runs.front()->cases[metric])
    if (std::ranges::all_of(
            runs, [&, key = name](const Row* row) { return row->cases[metric]->contains(key); }))
      out.push_back(name);
  return out;
}

Paired paired(const std::vector<RowBySeed>& variants, std::size_t metric, bool cases) {
  Paired out;
  for (const auto& [seed, row] : variants.front())
    if (std::ranges::all_of(variants, [&, key = seed](const auto& v) { return v.contains(key); }))
      out.seeds.push_back(seed);
  out.variants.resize(variants.size());
  if (out.seeds.empty()) return out;
  std::vector<const Row*> runs;
  for (const auto& variant : variants)
    for (const auto& seed : out.seeds) runs.push_back(variant.at(seed));
  std::vector<std::string> names;
  if (cases) {
    names = common_cases(runs, metric);
    out.cases = names.size();
  }
  for (std::size_t v = 0; v < variants.size(); ++v) {
    for (const auto& seed : out.seeds) {
      const Row& row = *variants[v].at(seed);
      out.variants[v].values.push_back(*row.metrics[metric]);
      if (!cases) continue;
      std::vector<stats::Part> parts;
      parts.reserve(names.size());
      for (const auto& name : names) parts.push_back(row.cases[metric]->at(name));
      out.variants[v].cases.push_back(std::move(parts));
    }
  }
  return out;
}

Compared compare(const Table& table,
                 std::size_t metric,
                 const std::string& variant,
                 const std::string& baseline) {
  Compared out;
  out.metric = metric;
  out.variant = variant;
  auto pair = paired({standing(table, variant, metric), standing(table, baseline, metric)}, metric,
                     has_cases(table, metric));
  out.seeds = pair.seeds;
  out.left_out = seeds_of(table) - pair.seeds.size();
  out.cases = pair.cases;
  if (pair.seeds.empty()) return out;
  out.value = stats::mean_of(pair.variants[0]);
  out.baseline = stats::mean_of(pair.variants[1]);
  out.difference = stats::compare(pair.variants[0], pair.variants[1], kReplicates, kResamplingSeed);
  return out;
}

/// Of all comparisons of the table together: whoever reads it looks at all of them.
void correct_p(std::vector<Compared>& all) {
  std::vector<double> p;
  for (const auto& one : all)
    if (one.difference.p) p.push_back(*one.difference.p);
  const auto corrected = stats::holm(p);
  auto next = corrected.begin();
  for (auto& one : all)
    if (one.difference.p) one.p_corrected = *next++;
}

std::string number(const std::optional<double>& value, const char* sign = "") {
  if (!value) return "–";
  return fmt::format("{}{:.4g}", *value > 0 ? sign : "", *value);
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100 * *share) : "–";
}

std::string interval_text(const stats::Difference& difference) {
  if (!difference.interval) return "–";
  return fmt::format("{:.4g} to {:.4g}", difference.interval->low, difference.interval->high);
}

std::string p_text(const stats::Difference& d) {
  if (!d.p) return "–";
  return fmt::format("{:.3g} (least {:.2g})", *d.p, *d.least_p);
}

std::string cases_text(const std::optional<std::size_t>& cases) {
  return cases ? std::to_string(*cases) : "–";
}

/// What is true of several metrics is said once.
std::vector<std::string> said_of_metrics(
    const std::vector<std::pair<std::string, std::string>>& sentences) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> metrics;
  for (const auto& [metric, sentence] : sentences) {
    auto& names = metrics[sentence];
    if (names.empty()) order.push_back(sentence);
    if (std::ranges::find(names, metric) == names.end()) names.push_back(metric);
  }
  std::vector<std::string> out;
  out.reserve(order.size());
  for (const auto& sentence : order)
    out.push_back(fmt::format("{}: {}", fmt::join(metrics[sentence], ", "), sentence));
  return out;
}

report::Section baseline_section(const Table& table, const std::vector<Compared>& all) {
  report::Table out{{{"metric", Kind::Text},
                     {"variant", Kind::Text},
                     {"difference", Kind::Number},
                     {"95 % interval", Kind::Number},
                     {"order holds in", Kind::Number},
                     {"p, corrected", Kind::Number},
                     {"p", Kind::Number},
                     {table.report.baseline, Kind::Number},
                     {"variant's", Kind::Number},
                     {"cases", Kind::Number},
                     {"seeds", Kind::Number}},
                    {}};
  std::vector<std::pair<std::string, std::string>> sentences;
  for (const auto& one : all) {
    const auto& d = one.difference;
    out.rows.push_back(
        {table.metrics[one.metric], one.variant, number(d.value, "+"), interval_text(d),
         percent(d.same_order), one.p_corrected ? fmt::format("{:.3g}", *one.p_corrected) : "–",
         p_text(d), number(one.baseline), number(one.value), cases_text(one.cases),
         one.left_out == 0 ? std::to_string(one.seeds.size())
                           : fmt::format("{} ({} left out)", one.seeds.size(), one.left_out)});
    if (!one.seeds.empty())
      sentences.emplace_back(table.metrics[one.metric],
                             what_can_be_said(one.seeds.size(), one.cases));
  }
  report::Section section{"Compared with " + table.report.baseline,
                          said_of_metrics(sentences),
                          std::move(out),
                          {},
                          false};
  section.paragraphs.insert(
      section.paragraphs.begin(),
      fmt::format(
          "Paired by seed, and by case where the counts of cases are named. Intervals and "
          "shares are of {} resamples of cases and seeds; p is of a permutation test that "
          "swaps variant and baseline within a case, else within a seed, beside the least "
          "that so many can give, and corrected for the {} comparisons that have one (Holm). "
          "A seed in which one of both collapsed or is not done is left out.",
          kReplicates,
          std::ranges::count_if(all, [](const auto& one) { return one.p_corrected.has_value(); })));
  return section;
}

/// "1: 87 %, 2: 13 %".
std::string shares_text(const std::vector<double>& share) {
  std::vector<std::string> out;
  for (std::size_t r = 0; r < share.size(); ++r)
    if (share[r] > 0) out.push_back(fmt::format("{}: {:.0f} %", r + 1, 100 * share[r]));
  return fmt::format("{}", fmt::join(out, ", "));
}

/// The first place up to which there is more than 2.5 % of `shares`.
std::size_t tail_end(const std::vector<double>& shares) {
  constexpr double kTail = 0.025;
  double sum = 0;
  std::size_t place = 0;
  for (const double share : shares) {
    sum += share;
    if (sum > kTail) break;
    ++place;
  }
  return place;
}

/// The best and the worst rank of the middle 95 % of the resamples.
std::string rank_range(const std::vector<double>& share) {
  const auto low = 1 + tail_end(share);
  const auto high = share.size() - tail_end({share.rbegin(), share.rend()});
  return low == high ? std::to_string(low) : fmt::format("{} to {}", low, high);
}

report::Section ranks_section(const Table& table, const std::vector<Ranked>& all) {
  report::Table out{{{"metric", Kind::Text},
                     {"rank", Kind::Number},
                     {"variant", Kind::Text},
                     {"value", Kind::Number},
                     {"95 % of the resamples", Kind::Number},
                     {"ranks in the resamples", Kind::Text},
                     {"cases", Kind::Number},
                     {"seeds", Kind::Number}},
                    {}};
  report::Section section{"Ranks", {}, std::nullopt, {}, false};
  section.paragraphs.emplace_back(
      "Over the seeds and cases that all variants have, best first; equals share the better rank. "
      "Beside it how often each rank came out when cases and seeds were drawn anew.");
  for (const auto& one : all) {
    for (std::size_t v = 0; v < one.variants.size(); ++v) {
      const bool drawn = !one.share.empty();
      out.rows.push_back({table.metrics[one.metric], std::to_string(one.rank[v]), one.variants[v],
                          number(one.values[v]), drawn ? rank_range(one.share[v]) : "–",
                          drawn ? shares_text(one.share[v]) : "–", cases_text(one.cases),
                          std::to_string(one.seeds)});
    }
    if (!one.left_out.empty())
      section.paragraphs.push_back(fmt::format("{}: without {}, which no run that stands has.",
                                               table.metrics[one.metric],
                                               fmt::join(one.left_out, ", ")));
  }
  section.table = std::move(out);
  return section;
}

std::string compared_csv(const Table& table, const std::vector<Compared>& all) {
  std::string text =
      "metric,variant,baseline,baseline_value,value,difference,difference_low,difference_high,"
      "same_order,p,least_p,p_exact,cases,seeds,seeds_left_out,p_corrected\n";
  for (const auto& one : all) {
    const auto& d = one.difference;
    const auto& interval = d.interval;
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(table.metrics[one.metric]),
        csv_field(one.variant), csv_field(table.report.baseline), number_or_empty(one.baseline),
        number_or_empty(one.value), number_or_empty(d.value),
        interval ? number_text(interval->low) : "", interval ? number_text(interval->high) : "",
        number_or_empty(d.same_order), number_or_empty(d.p), number_or_empty(d.least_p),
        !d.p      ? ""
        : d.exact ? "yes"
                  : "no",
        one.cases ? std::to_string(*one.cases) : "", one.seeds.size(), one.left_out,
        number_or_empty(one.p_corrected));
  }
  return text;
}

std::string ranks_csv(const Table& table, const std::vector<Ranked>& all) {
  std::string text = "metric,variant,value,rank,in_resamples,share,cases,seeds\n";
  for (const auto& one : all) {
    for (std::size_t v = 0; v < one.variants.size(); ++v) {
      const auto line = [&](const std::string& rank, const std::string& share) {
        text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(table.metrics[one.metric]),
                            csv_field(one.variants[v]), number_text(one.values[v]), one.rank[v],
                            rank, share, one.cases ? std::to_string(*one.cases) : "", one.seeds);
      };
      if (one.share.empty()) line("", "");
      for (std::size_t r = 0; !one.share.empty() && r < one.share[v].size(); ++r)
        line(std::to_string(r + 1), fmt::format("{:.4f}", one.share[v][r]));
    }
  }
  return text;
}

/// The variants of one metric, in the order of their ranks.
std::optional<Ranked> ranked(const Table& table, std::size_t metric) {
  Ranked out;
  out.metric = metric;
  std::vector<std::string> names;
  std::vector<RowBySeed> runs;
  for (const auto& summary : summarise(table)) {
    auto rows = standing(table, summary.variant, metric);
    if (rows.empty()) {
      out.left_out.push_back(summary.variant);
    } else {
      names.push_back(summary.variant);
      runs.push_back(std::move(rows));
    }
  }
  if (names.size() < 2) return std::nullopt;
  const auto all = paired(runs, metric, has_cases(table, metric));
  if (all.seeds.empty()) return std::nullopt;
  out.seeds = all.seeds.size();
  out.cases = all.cases;
  const auto ranks = stats::rank(all.variants, *table.kinds[metric].higher_is_better, kReplicates,
                                 kResamplingSeed);
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t v) { return ranks.rank[v]; });
  for (const auto v : order) {
    const auto value = stats::mean_of(all.variants[v]);
    if (!value) continue;  // the cases that all have say nothing of it
    out.variants.push_back(names[v]);
    out.values.push_back(*value);
    out.rank.push_back(ranks.rank[v]);
    if (!ranks.share.empty()) out.share.push_back(ranks.share[v]);
  }
  return out;
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::vector<Compared> compared_with_baseline(const Table& table) {
  std::vector<Compared> out;
  const auto& baseline = table.report.baseline;
  if (baseline.empty()) return out;
  for (std::size_t m = 0; m < table.metrics.size(); ++m)
    for (const auto& summary : summarise(table))
      if (summary.variant != baseline) out.push_back(compare(table, m, summary.variant, baseline));
  correct_p(out);
  return out;
}

std::vector<Ranked> ranked(const Table& table) {
  std::vector<Ranked> out;
  for (std::size_t m = 0; m < table.kinds.size(); ++m) {
    if (!table.kinds[m].higher_is_better) continue;
    if (auto one = ranked(table, m)) out.push_back(std::move(*one));
  }
  return out;
}

std::string what_can_be_said(std::size_t seeds, const std::optional<std::size_t>& cases) {
  constexpr std::size_t kFew = 6;  // from so many on a permutation test can be below 0.05
  const auto of_seeds = counted(seeds, "seed", "seeds");
  if (!cases) {
    if (seeds < 2)
      return "one run each says how far apart these two runs are, and nothing of another seed or "
             "other cases; there is no interval.";
    return fmt::format(
        "{} without counts of cases say how far trainings differ from each other on these cases, "
        "and "
        "nothing of other cases; {}.",
        of_seeds,
        seeds < kFew ? "an interval of so few is too narrow, and no p can be below 0.05"
                     : "the interval is of the seeds alone");
  }
  const auto of_cases = counted(*cases, "case", "cases");
  const std::string few =
      *cases < 2    ? "nothing of other cases"
      : *cases == 2 ? "little of other cases: an interval over two cases lies between these two, "
                      "and no p can "
                      "be below 0.5"
      : *cases < kFew
          ? "little of other cases: an interval of so few is too narrow, and no p can be below 0.05"
          : "what to expect of other cases like these";
  const std::string trainings = seeds < 2 ? "nothing of other trainings, as one training is in it"
                                : seeds < kFew ? "roughly how trainings differ, as so few are in it"
                                               : "how trainings differ";
  return fmt::format("{} and {} say {}; and {}.", of_cases, of_seeds, few, trainings);
}

Comparison comparison_of(const Table& table) {
  return {compared_with_baseline(table), ranked(table)};
}

std::vector<report::Section> comparison_sections(const Table& table, const Comparison& comparison) {
  std::vector<report::Section> out;
  if (!comparison.with_baseline.empty())
    out.push_back(baseline_section(table, comparison.with_baseline));
  if (!comparison.ranks.empty()) out.push_back(ranks_section(table, comparison.ranks));
  return out;
}

OutputFiles comparison_files(const Table& table, const Comparison& comparison) {
  OutputFiles out;
  if (!comparison.with_baseline.empty())
    out.push_back({kComparedFile, compared_csv(table, comparison.with_baseline)});
  if (!comparison.ranks.empty()) out.push_back({kRanksFile, ranks_csv(table, comparison.ranks)});
  return out;
}

}  // namespace mito::sweep
