#include "nodes/drawn/simulated_observers/simulated_observers.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito::simulated_observers {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kHeader = "id,class,phase,x_he,y_he,x_phh3,y_phh3,dab\n";

class SimulatedObservers : public ::testing::Test {
 protected:
  fs::path file(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }
  /// Samples of slide A_phh3 at x = 0, 100, 200, ...
  LabelSheet sheet(int samples) const {
    std::vector<SheetSample> out;
    for (int i = 0; i < samples; ++i)
      out.push_back(
          {fmt::format("s{}", i), "A_phh3", {100.0 * i, 50}, 10, 0.5, std::nullopt, "p.png", "00"});
    return LabelSheet::read(file("sheet.csv", sheet_csv(out)));
  }
  /// A mitosis at every second sample.
  fs::path truth(int samples) const {
    std::string text = kHeader;
    for (int i = 0; i < samples; i += 2)
      text += fmt::format("{},mitosis,anaphase,1,1,{},50,1\n", i, 100 * i);
    return file("A_truth.csv", text);
  }
  std::string message(const std::function<void()>& action) const {
    try {
      action();
    } catch (const DataError& error) {
      std::string text = error.what();
      const std::string prefix = folder_.path().string() + "/";
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.replace(at, prefix.size(), "");
      return text;
    }
    return "nothing was thrown";
  }

  test::TempFolder folder_;
};

TEST_F(SimulatedObservers, WithoutErrorsTellTheTruth) {
  Params params;
  params.miss_rate = {0};
  params.false_rate = {0};

  const auto out = simulate(params, "n", sheet(6), {truth(6)});

  ASSERT_EQ(out.observers.size(), 4U);
  EXPECT_EQ(out.positives, 3);
  EXPECT_EQ(out.negatives, 3);
  for (const auto& observer : out.observers)
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(observer.labels[i].first, fmt::format("s{}", i));
      EXPECT_EQ(observer.labels[i].second, i % 2 == 0 ? "mitotic" : "non_mitotic");
    }
}

TEST_F(SimulatedObservers, OfHeSlidesSeeEveryObjectBrownOrNot) {
  Params params;
  params.miss_rate = {0};
  params.false_rate = {0};
  params.stain = "he";
  const auto samples = LabelSheet::read(
      file("sheet.csv", sheet_csv(std::vector<SheetSample>{
                            {"a", "A_he", {10, 10}, 0, 0, std::nullopt, "a.png", "00"},
                            {"b", "A_he", {200, 10}, 0, 0, std::nullopt, "b.png", "00"},
                            {"c", "A_he", {400, 10}, 0, 0, std::nullopt, "c.png", "00"}})));
  const auto truth = file(
      "A_truth.csv", std::string(kHeader) + "0,mitosis,telophase,12,10,0,0,0\n" +
                         "1,pyknotic,,200,10,0,0,0\n" + "2,mitosis,anaphase,900,10,400,10,1\n");

  const auto out = simulate(params, "n", samples, {truth});

  const auto& labels = out.observers[0].labels;
  EXPECT_EQ(labels[0].second, "mitotic") << "no PHH3 in this telophase";
  EXPECT_EQ(labels[1].second, "non_mitotic");
  EXPECT_EQ(labels[2].second, "non_mitotic") << "a mitosis is there on the other slide only";
}

TEST_F(SimulatedObservers, ErrAsOftenAsStatedEachInTheirOwnWay) {
  Params params;
  params.observers = 2;
  params.miss_rate = {0.2, 0};
  params.false_rate = {0.1};
  const int n = 4000;

  const auto out = simulate(params, "n", sheet(n), {truth(n)});

  // sd of 2000 draws: 17.9 at 0.2, 13.4 at 0.1; four of them.
  EXPECT_NEAR(static_cast<double>(out.observers[0].missed), 400, 72);
  EXPECT_NEAR(static_cast<double>(out.observers[0].invented), 200, 54);
  EXPECT_EQ(out.observers[1].missed, 0);
  EXPECT_NEAR(static_cast<double>(out.observers[1].invented), 200, 54);
  std::int64_t wrong = 0;
  std::int64_t both = 0;
  for (std::size_t i = 1; i < n; i += 2) {
    const bool first = out.observers[0].labels[i].second == "mitotic";
    wrong += first ? 1 : 0;
    both += first && out.observers[1].labels[i].second == "mitotic" ? 1 : 0;
  }
  EXPECT_EQ(wrong, out.observers[0].invented);
  EXPECT_LT(both, 45);  // independent: 20 expected
}

TEST_F(SimulatedObservers, DependOnSeedAndNodeOnly) {
  Params params;
  params.miss_rate = {0.5};
  const auto labels = [&](const std::string& node, int samples) {
    return simulate(params, node, sheet(samples), {truth(samples)}).observers[2].labels;
  };

  const auto first = labels("n", 40);

  EXPECT_EQ(first, labels("n", 40));
  EXPECT_NE(first, labels("other", 40));
  const auto longer = labels("n", 80);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), longer.begin()));
  params.seed = 2;
  EXPECT_NE(first, labels("n", 40));
}

TEST_F(SimulatedObservers, KnowTheNearestBrownObject) {
  const std::vector<PhantomObject> objects{{ObjectClass::Artefact, {}, {104, 100}, false},
                                           {ObjectClass::Pigment, {}, {100, 100}, true},
                                           {ObjectClass::Mitosis, {}, {110, 100}, true}};

  EXPECT_EQ(class_at({}, objects, {104, 100}), ObjectClass::Pigment);
  EXPECT_EQ(class_at({}, objects, {106, 100}), ObjectClass::Mitosis);
  EXPECT_EQ(class_at({}, objects, {105, 100}), ObjectClass::Pigment);   // the first of equals
  EXPECT_EQ(class_at({}, objects, {140, 100}), ObjectClass::Mitosis);   // 7.5 um at 0.25
  EXPECT_EQ(class_at({}, objects, {141, 100}), ObjectClass::Artefact);  // beyond
  Params coarse;
  coarse.mpp = 0.5;
  EXPECT_EQ(class_at(coarse, objects, {126, 100}), ObjectClass::Artefact);
}

TEST_F(SimulatedObservers, CountStainedNucleiAsNoArtefact) {
  Params params;
  params.question = "artefact";
  EXPECT_TRUE(is_positive(params, ObjectClass::Mitosis));
  EXPECT_TRUE(is_positive(params, ObjectClass::Nonspecific));
  EXPECT_FALSE(is_positive(params, ObjectClass::Artefact));
  EXPECT_FALSE(is_positive(params, ObjectClass::Pyknotic));
  params.question = "mitosis";
  EXPECT_TRUE(is_positive(params, ObjectClass::Mitosis));
  EXPECT_FALSE(is_positive(params, ObjectClass::Nonspecific));
}

TEST_F(SimulatedObservers, NameTheLabelsAfterTheQuestion) {
  Params params;
  params.question = "artefact";
  params.miss_rate = {0};
  params.false_rate = {0};

  const auto out = simulate(params, "n", sheet(2), {truth(2)});

  EXPECT_EQ(out.observers[0].name, "observer1");
  EXPECT_EQ(out.observers[0].labels[0].second, "non_artefact");
  EXPECT_EQ(out.observers[0].labels[1].second, "artefact");
}

TEST_F(SimulatedObservers, ReadWhatIsBrownAndWhere) {
  const auto objects = read_phantom_truth(file("A_truth.csv", std::string(kHeader) +
                                                                  "1,mitosis,telophase,1,1,,,0\n"
                                                                  "2,nonspecific,,1,1,5,6.5,1\n"));

  ASSERT_EQ(objects.size(), 2U);
  EXPECT_FALSE(objects[0].dab);
  EXPECT_EQ(objects[0].kind, ObjectClass::Mitosis);
  EXPECT_TRUE(objects[1].dab);
  EXPECT_EQ(objects[1].phh3, (PointL0{5, 6.5}));
  EXPECT_EQ(objects[1].he, (PointL0{1, 1}));
}

TEST_F(SimulatedObservers, SayWhatIsWrongWithATruthFile) {
  const auto read = [&](const std::string& text) {
    const auto path = file("A_truth.csv", text);
    return message([&] { read_phantom_truth(path); });
  };

  EXPECT_EQ(read(std::string(kHeader) + "1,mitosi,,1,1,5,6,1\n"),
            "A_truth.csv:2:3: unknown class 'mitosi': expected one of mitosis, pyknotic, "
            "apoptotic, hyperchromatic, pigment, artefact, nonspecific; did you mean 'mitosis'?");
  EXPECT_EQ(read(std::string(kHeader) + "1,mitosis,,1,1,5,6,2\n"),
            "A_truth.csv:2:20: column 'dab': expected 0 or 1, found 2");
  EXPECT_THAT(read("id,class\n"), HasSubstr("expected a column 'dab'"));
}

TEST_F(SimulatedObservers, SayWhichTruthIsMissingOrTwice) {
  const auto two = sheet(2);
  fs::create_directories(folder_ / "b");
  const auto a = truth(2);
  const auto same = file("b/A_truth.csv", kHeader);
  const auto other = file("B_truth.csv", kHeader);

  EXPECT_EQ(message([&] { simulate({}, "n", two, {other}); }),
            "sheet.csv: sample 's0' is from slide A_phh3, which has no truth file; expected "
            "NAME_truth.csv for a slide named NAME_phh3");
  EXPECT_EQ(message([&] {
              simulate({}, "n", two, {a, same});
            }),
            "slide A_phh3 has two truth files: A_truth.csv and b/A_truth.csv");
  EXPECT_THAT(message([&] { simulate({}, "n", two, {folder_ / "sheet.csv"}); }),
              EndsWith("expected a truth file named NAME_truth.csv"));
}

TEST_F(SimulatedObservers, WantOneRateOrOneForEach) {
  Params params;
  EXPECT_EQ(check(params), "");
  params.miss_rate = {0.1, 0.1, 0.1, 0.2};
  EXPECT_EQ(check(params), "");
  params.false_rate = {};
  EXPECT_EQ(check(params),
            "parameter 'false_rate' needs 1 number or one for each of 4 observers, got 0");
}

TEST_F(SimulatedObservers, SummariseWhatTheyDid) {
  const Params params;
  const auto out = simulate(params, "n", sheet(40), {truth(40)});

  const auto json = nlohmann::json::parse(summary_json(params, out));

  EXPECT_EQ(json["positives"], 20);
  EXPECT_EQ(json["observers"][3]["observer"], "observer4");
  EXPECT_EQ(json["observers"][3]["miss_rate"], 0.05);
  EXPECT_EQ(json["observers"][3]["missed"], out.observers[3].missed);
}

}  // namespace
}  // namespace mito::simulated_observers
