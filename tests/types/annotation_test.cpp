#include "engine/types/annotation.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr const char* kHeader = "sample,slide,x,y,area_um2,mean_dab,score,patch,sha256\n";

class Annotation : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }
  LabelSheet two_samples() const {
    return LabelSheet::read(file("sheet.csv", std::string(kHeader) +
                                                  "s0001,a,1,2,30,0.5,0.75,patches/s0001.png,00\n"
                                                  "s0002,b,3.5,4,31,0.6,,patches/s0002.png,11\n"));
  }
  std::string message(const std::function<void()>& action) const {
    try {
      action();
    } catch (const DataError& error) {
      std::string text = error.what();
      for (auto at = text.find(folder_.path().string()); at != std::string::npos;
           at = text.find(folder_.path().string()))
        text.replace(at, folder_.path().string().size() + 1, "");
      return text;
    }
    return "nothing was thrown";
  }
  std::string labels_message(const std::string& text) const {
    const auto sheet = two_samples();
    const std::vector<std::filesystem::path> files{file("labels.csv", text)};
    return message([&] { read_labels(sheet, files, {"mitotic", "non_mitotic"}); });
  }

  test::TempFolder folder_;
};

TEST_F(Annotation, ASheetIsReadAsItWasWritten) {
  const std::vector<SheetSample> samples{
      {"s0001", "case 1, left_phh3", {1.25, -3}, 30.5, 0.41, 0.97, "patches/s0001.png", "ab"},
      {"s0002", "b", {12345.678, 0.1}, 7, 0.3, std::nullopt, "patches/s0002.png", "cd"}};

  const auto sheet = LabelSheet::read(file("sheet.csv", sheet_csv(samples)));

  EXPECT_EQ(sheet.samples(), samples);
  EXPECT_EQ(sheet.find("s0002"), 1U);
  EXPECT_FALSE(sheet.find("s0003").has_value());
  EXPECT_EQ(sheet.patch_file(1), folder_ / "patches/s0002.png");
}

TEST_F(Annotation, ABadSheetIsRefusedWithFileAndLine) {
  const auto read = [&](const std::string& text) {
    const auto path = file("sheet.csv", text);
    return message([&] { LabelSheet::read(path); });
  };

  EXPECT_EQ(read(kHeader), "sheet.csv: has no samples");
  EXPECT_EQ(read(std::string(kHeader) + "s1,a,1,2,3,4,,p,h\ns1,a,1,2,3,4,,p,h\n"),
            "sheet.csv:3:1: sample 's1' is there twice");
  EXPECT_EQ(read(std::string(kHeader) + ",a,1,2,3,4,,p,h\n"),
            "sheet.csv:2:1: the sample has no name");
  EXPECT_EQ(read(std::string(kHeader) + "s1,a,here,2,3,4,,p,h\n"),
            "sheet.csv:2:6: column 'x': expected a number, found 'here'");
  EXPECT_THAT(read("sample,slide,x,y\ns1,a,1,2\n"), HasSubstr("expected a column 'score'"));
}

TEST_F(Annotation, APatchLiesBelowTheSheet) {
  const auto sheet = LabelSheet::read(file(
      "sheet.csv", std::string(kHeader) +
                       "s1,a,1,2,3,4,,../p.png,h\ns2,a,1,2,3,4,,/p.png,h\ns3,a,1,2,3,4,,,h\n"));

  EXPECT_EQ(message([&] { (void)sheet.patch_file(0); }),
            "sheet.csv: sample 's1': expected a patch below the sheet's folder, found '../p.png'");
  EXPECT_THAT(message([&] { (void)sheet.patch_file(1); }), EndsWith("found '/p.png'"));
  EXPECT_THAT(message([&] { (void)sheet.patch_file(2); }), EndsWith("found ''"));
}

TEST_F(Annotation, LabelsComeFromAnyNumberOfFilesAndObservers) {
  const auto sheet = two_samples();
  const std::vector<std::filesystem::path> files{
      file("b.csv", "sample,observer,label\ns0002,Zoe,mitotic\ns0001,Ann,non_mitotic\n"),
      file("a.csv", "observer,label,sample,note\nZoe,mitotic,s0001,sure\n")};

  const auto read = read_labels(sheet, files, {"mitotic", "non_mitotic"});

  EXPECT_THAT(read.observers, ElementsAre("Ann", "Zoe"));
  ASSERT_EQ(read.labels.size(), 3U);
  EXPECT_EQ(read.labels[0].sample, 1U);
  EXPECT_EQ(read.labels[0].observer, 1U);
  EXPECT_EQ(read.labels[0].label, 0U);
  EXPECT_EQ(read.labels[1].observer, 0U);
  EXPECT_EQ(read.labels[1].label, 1U);
}

TEST_F(Annotation, LabelsThatAreWrittenCanBeRead) {
  const std::vector<std::pair<std::string, std::string>> labels{{"s0001", "mitotic"},
                                                                {"s0002", "non_mitotic"}};
  const auto sheet = two_samples();
  const std::vector<std::filesystem::path> files{
      file("labels.csv", labels_csv("Dr. \"A\", left", labels))};

  const auto read = read_labels(sheet, files, {"mitotic", "non_mitotic"});

  EXPECT_THAT(read.observers, ElementsAre("Dr. \"A\", left"));
  EXPECT_EQ(read.labels.size(), 2U);
}

TEST_F(Annotation, WrongLabelsAreRefusedWithFileAndLine) {
  const std::string header = "sample,observer,label\n";

  EXPECT_EQ(labels_message(header + "s0001,Ann,mitotic\ns0002,Ann,mitosic\n"),
            "labels.csv:3:11: unknown label 'mitosic': expected 'mitotic' or 'non_mitotic'; did "
            "you mean 'mitotic'?");
  EXPECT_EQ(labels_message(header + "s0001,Ann,\n"),
            "labels.csv:2:11: the label is empty: a sample without a vote has no line at all");
  EXPECT_EQ(labels_message(header + "s0003,Ann,mitotic\n"),
            "labels.csv:2:1: sample 's0003' is not in the sheet sheet.csv");
  EXPECT_EQ(labels_message(header + "s0001,,mitotic\n"),
            "labels.csv:2:7: the observer has no name");
  EXPECT_EQ(labels_message(header + "s0001,Ann,mitotic\n\ns0001,Ann,mitotic\n"),
            "labels.csv:4:1: observer 'Ann' has already labelled sample 's0001' at "
            "labels.csv:2:1");
  EXPECT_EQ(labels_message(header), "the label files hold no label for the sheet sheet.csv");
  EXPECT_EQ(labels_message("sample,label\n"),
            "labels.csv:1:1: expected a column 'observer', found 'sample', 'label'");
}

TEST_F(Annotation, ASecondLabelIsFoundAcrossFiles) {
  const auto sheet = two_samples();
  const std::vector<std::filesystem::path> files{
      file("a.csv", "sample,observer,label\ns0001,Ann,mitotic\n"),
      file("b.csv", "sample,observer,label\ns0001,Ann,non_mitotic\n")};

  EXPECT_EQ(message([&] {
              read_labels(sheet, files, {"mitotic", "non_mitotic"});
            }),
            "b.csv:2:1: observer 'Ann' has already labelled sample 's0001' at a.csv:2:1");
}

}  // namespace
}  // namespace mito
