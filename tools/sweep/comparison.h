#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/output_file.h"
#include "engine/report/page.h"
#include "engine/stats/paired.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// Resamples behind every interval, share and rank (method 10.4), and their seed.
inline constexpr int kReplicates = 2000;
inline constexpr std::uint64_t kResamplingSeed = 1;

/// A variant against the baseline in one metric, over the seeds that both have done, without those
/// of which one has collapsed, and the cases that all of these runs have.
struct Compared {
  std::size_t metric = 0;  ///< Of the table.
  std::string variant;
  std::vector<std::string> seeds;    ///< That both have.
  std::size_t left_out = 0;          ///< Seeds that one of both lacks, or in which it collapsed.
  std::optional<std::size_t> cases;  ///< Empty where the metric names no counts of cases.
  std::optional<double> baseline;
  std::optional<double> value;
  stats::Difference difference;
  std::optional<double> p_corrected;  ///< For all comparisons of the sweep (stats::holm).
};

/// Every metric of every variant but the baseline; empty where the sweep file names none.
std::vector<Compared> compared_with_baseline(const Table& table);

/// The order of the variants in one metric.
struct Ranked {
  std::size_t metric = 0;
  std::vector<std::string> variants;  ///< By rank.
  std::vector<double> values;         ///< Over the seeds and cases that all of them have.
  std::vector<std::size_t> rank;
  std::vector<std::vector<double>> share;  ///< [variant][rank - 1]; empty: nothing to resample.
  std::vector<std::string> left_out;       ///< Variants without a run that stands.
  std::size_t seeds = 0;
  std::optional<std::size_t> cases;
};

/// Of every metric of which the sweep file says what is better, and two variants or more have.
std::vector<Ranked> ranked(const Table& table);

struct Comparison {
  std::vector<Compared> with_baseline;
  std::vector<Ranked> ranks;
};

/// Both. It takes a moment, with many cases.
Comparison comparison_of(const Table& table);

/// In one sentence: what `seeds` trainings, and where they are known `cases` cases, can say.
std::string what_can_be_said(std::size_t seeds, const std::optional<std::size_t>& cases);

/// For people: the comparison with the baseline, and the ranks; none where there is nothing to say.
std::vector<report::Section> comparison_sections(const Table& table, const Comparison& comparison);

/// sweep.compared.csv and sweep.ranks.csv, for programs; those of which there is something to say.
OutputFiles comparison_files(const Table& table, const Comparison& comparison);

inline constexpr const char* kComparedFile = "sweep.compared.csv";
inline constexpr const char* kRanksFile = "sweep.ranks.csv";

}  // namespace mito::sweep
