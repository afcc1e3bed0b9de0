#include "engine/types/training.h"

#include <algorithm>
#include <array>

#include "engine/core/digest.h"
#include "engine/core/text.h"
#include "engine/types/grid_attributes.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 4> kSets{"unused", "training", "validation", "test"};

constexpr auto kPoint = [](auto& point) { return std::tie(point.x, point.y); };

template <class T>
void describe_slides(Description<T>& d) {
  d.rows(&T::slides, "S", "a list of slides has {1} texts, expected {2}")
      .choice("slide_set", &PoolSlide::set, kSets, "unknown set of a slide",
              {"Set of the slide's case."})
      .texts("slide_name", &PoolSlide::name, {"Names of the slides."})
      .texts("slide_identity", &PoolSlide::identity, {"Identities of their pixels."})
      .texts("slide_case", &PoolSlide::case_id, {"Their patients."});
}

void require_slides(const std::vector<std::uint32_t>& slide, std::size_t slides) {
  for (const auto i : slide) {
    if (i >= slides)
      throw DataError("dataset 'slide' names slide " + std::to_string(i) + " of " +
                      std::to_string(slides));
  }
}

void describe_recall(Description<CandidateRecall>& d) {
  using R = CandidateRecall;
  d.attribute("references", &R::references, {"Reference objects."});
  d.attribute("found_wide", &R::found_wide, {"Of them, with a candidate within `wide_um`."});
  d.attribute("found_close", &R::found_close, {"Of them, with a candidate within `close_um`."});
  d.attribute("candidates", &R::candidates,
              {"Candidates; reference points and hard negatives that were added are none."});
  d.attribute("positives", &R::positives, {"Candidates that are positive."});
  d.attribute("negatives", &R::negatives, {"Candidates that are negative."});
  d.attribute("tissue_mm2", &R::tissue_mm2, {"Area of the tissue; 0 when not known.", "mm2"});
  d.attribute("wide_um", &R::wide_um, {"What `found_wide` means; 25 unless set otherwise.", "um"});
  d.attribute("close_um", &R::close_um,
              {"What `found_close` means; 7.5 unless set otherwise.", "um"});
}

/// The pixels of a set, in the shape of its patches. What the size of a patch is and whether each
/// patch has pixels is found out by those who read them (engine/slide/patch_reader.h).
StoredField<PatchSet> patch_pixels() {
  return {
      {described::array_row("rgb", DType::U8, "[N, size, size, 3]",
                            {"Pixels of patches that bring their own, the object in the middle; "
                             "[0, 1, 1, 3] for those that are read from the slides."})},
      [](const PatchSet& set, Record& record) {
        const auto side = static_cast<std::uint64_t>(set.rgb.empty() ? 1 : set.size_px);
        record.arrays["rgb"] =
            Array::of(set.rgb.all(), {set.rgb.size() / (side * side * 3), side, side, 3});
      },
      [](const Record& record, PatchSet& set) {
        const auto& array = record.array("rgb");
        const auto bytes = array.as<std::uint8_t>();
        set.rgb = SharedPixels({bytes.begin(), bytes.end()});
        if (!set.rgb.empty()) require_rows("rgb", array.rows(), set.label.size());
      }};
}

}  // namespace

std::string_view name_of(CaseSet set) { return kSets.at(static_cast<std::size_t>(set)); }

CaseSet case_set_from(std::string_view name) {
  for (std::size_t i = 0; i < kSets.size(); ++i) {
    if (kSets.at(i) == name) return static_cast<CaseSet>(i);
  }
  throw DataError("no set of cases is called '" + std::string(name) + "'" +
                  did_you_mean(name, {kSets.begin(), kSets.end()}));
}

void Payload<LabelledCandidates>::describe(Description<LabelledCandidates>& d) {
  d.about("Candidates of one slide with their classes.");
  d.within(&LabelledCandidates::grid, describe_grid);
  d.rows(&LabelledCandidates::at, "N")
      .column("grid", kPoint, {"x, y of the candidate on the analysis grid.", "px"});
  d.column("label", &LabelledCandidates::label, "N",
           {"0 negative, 1 positive, 2 of neither class."});
  d.check([](const LabelledCandidates& c) {
    require_rows("label", c.label.size(), c.at.size());
    if (std::ranges::any_of(
            c.label, [](auto l) { return l > static_cast<std::uint8_t>(CandidateLabel::Ignored); }))
      throw DataError("unknown label of a candidate");
  });
  d.attribute("slide", &LabelledCandidates::slide, {"Name of the slide."});
  d.attribute("identity", &LabelledCandidates::identity, {"Identity of its pixels."});
  d.attribute("case", &LabelledCandidates::case_id, {"Its patient."});
  d.within(&LabelledCandidates::recall, describe_recall);
}

void Payload<CandidatePool>::describe(Description<CandidatePool>& d) {
  d.about("Candidates of all slides, slide by slide; those of neither class are left out.");
  describe_slides(d);
  d.column("slide", &CandidatePool::slide, "N", {"Slide of each candidate, ascending."});
  d.rows(&CandidatePool::at, "N").column("grid", kPoint, {"x, y on its analysis grid.", "px"});
  d.column("label", &CandidatePool::label, "N", {"0 negative, 1 positive."});
  d.check([](const CandidatePool& pool) {
    require_rows("slide", pool.slide.size(), pool.at.size());
    require_rows("label", pool.label.size(), pool.at.size());
    require_slides(pool.slide, pool.slides.size());
  });
}

void Payload<PoolScores>::describe(Description<PoolScores>& d) {
  d.about("What a network says of every candidate of a pool, in its order.");
  d.column("probability", &PoolScores::probability, "N",
           {"Probability of mitosis; NaN where the network was not asked."});
  d.attribute("model", &PoolScores::model, {"Digest of the network."});
}

void Payload<CandidateScores>::describe(Description<CandidateScores>& d) {
  d.about("What a network says of some candidates of one slide of a pool.");
  d.column("candidate", &CandidateScores::candidate, "N",
           {"Number among the candidates of the slide in the pool."});
  d.column("probability", &CandidateScores::probability, "N", {"Probability of mitosis."});
  d.attribute("identity", &CandidateScores::identity, {"Identity of the slide's pixels."});
  d.attribute("model", &CandidateScores::model, {"Digest of the network."});
  d.check([](const CandidateScores& scores) {
    require_rows("probability", scores.probability.size(), scores.candidate.size());
  });
}

void Payload<PatchSet>::describe(Description<PatchSet>& d) {
  d.about(
      "Patches to train on or to validate with: by reference into slides, or with their own "
      "pixels.");
  describe_slides(d);
  d.column("slide", &PatchSet::slide, "N", {"Slide of each patch."});
  d.rows(&PatchSet::at, "N")
      .column("grid", kPoint, {"x, y of the patch's object on the analysis grid.", "px"});
  d.column("label", &PatchSet::label, "N", {"1 mitosis, 0 not."});
  d.column("in_pool", &PatchSet::in_pool, "N",
           {"Index in the pool, -1 for none; hard negatives may come more than once."});
  d.attribute("size_px", &PatchSet::size_px, {"Side of a patch in `rgb`.", "px"});
  d.attribute("seed", &PatchSet::seed, {"Of the network that is trained on them."});
  d.attribute("member", &PatchSet::member, {"Which member of an ensemble, from 0."});
  d.check([](const PatchSet& set) { require_rows("in_pool", set.in_pool.size(), set.count()); });
  d.field(patch_pixels());
  d.check([](const PatchSet& set) {
    if (set.rgb.empty()) {
      require_rows("slide", set.slide.size(), set.count());
      require_rows("grid", set.at.size(), set.count());
    }
    require_slides(set.slide, set.slides.size());
  });
}

std::string content_digest(const PatchSet& set) {
  PatchSet lists = set;  // without the pixels, which may be gigabytes and are taken as they lie
  lists.rgb = {};
  const Record record = Codec<PatchSet>::encode(lists);
  Sha256 sha;
  const auto begin = [&](std::string_view name, std::size_t bytes) {
    std::string head(name);
    head += ' ';
    head += std::to_string(bytes);
    head += '\n';
    sha.update(head);
  };
  for (const auto& [name, array] : record.arrays) {
    const auto bytes =
        name == "rgb" ? std::as_bytes(set.rgb.all()) : std::span<const std::byte>(array.bytes);
    begin(name, bytes.size());
    sha.update(bytes);
  }
  for (const auto* name : {"size_px", "seed", "member"})
    begin(name, static_cast<std::size_t>(record.integer(name)));
  return sha.finish();
}

template struct DescribedCodec<LabelledCandidates>;
template struct DescribedCodec<CandidatePool>;
template struct DescribedCodec<PoolScores>;
template struct DescribedCodec<CandidateScores>;
template struct DescribedCodec<PatchSet>;

}  // namespace mito
