// nodes/STAGES against what the stages register.
#include "nodes/registry.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::nodes {
namespace {

using Sections = std::set<std::string, std::less<>>;

/// The sections of the paper that a part is about; a part that is not listed has types of any.
const std::map<std::string, Sections, std::less<>> kParts{
    {"slides", {"II"}},
    {"reference", {"III", "III-A", "III-B"}},
    {"detector", {"IV-A", "IV-B", "IV-C"}},
    {"outcome", {"IV-D", "V", "VI"}},
};
/// Types of a section that stand beside others of their stage.
const std::map<std::string, std::string, std::less<>> kBesideOthers{
    {"slide_pairs", "III"},            // opens slides, two at a time
    {"pair_side", "III"},              // a slide of two
    {"slide_spots", "III-A"},          // a slide with its candidates
    {"slide_detections", "VI-C"},      // a slide with its detections
    {"colour_composition", "App. B"},  // the way back of colour_deconvolution
    {"observer_study", "VI-C"},        // annotation_sample of detections
    {"observer_result", "VI-C"},       // annotation_import of detections
    {"labelled_places", "VI-C"},       // the same of places that were drawn to inform
    {"disagreement", "IV-C"},          // of an ensemble, to choose what is labelled
    {"set_slides", "V"},               // the slides of a set of split_cases
};

std::vector<graph::NodeInfo> types_of(const Stage& stage) {
  graph::Registry registry;
  stage.register_types(registry);
  std::vector<graph::NodeInfo> types;
  for (const auto& name : registry.names()) types.push_back(registry.find(name)->info);
  return types;
}

TEST(Stages, RegisterNodeTypesOfTheirPartOfThePaper) {
  std::set<std::string> beside;
  for (const Stage& stage : stages()) {
    const auto part = kParts.find(stage.folder.substr(0, stage.folder.find('/')));
    const auto types = types_of(stage);
    EXPECT_FALSE(types.empty()) << stage.folder;
    for (const auto& type : types) {
      const std::string name(type.type);
      const auto exception = kBesideOthers.find(name);
      if (exception != kBesideOthers.end()) {
        EXPECT_EQ(type.paper, exception->second) << name;
        beside.insert(name);
      } else if (part != kParts.end() && type.paper != "-") {
        EXPECT_THAT(part->second, ::testing::Contains(std::string(type.paper)))
            << stage.folder << " registers " << name;
      }
    }
  }
  EXPECT_EQ(beside.size(), kBesideOthers.size()) << "an exception names no type";
}

TEST(Stages, AreAllRegistered) {
  graph::Registry all;
  register_all(all);
  std::vector<std::string> names;
  for (const Stage& stage : stages())
    for (const auto& type : types_of(stage)) names.emplace_back(type.type);

  EXPECT_THAT(all.names(), ::testing::UnorderedElementsAreArray(names));
}

/// A type that measures but does not say so would be run on cases that its network has seen.
TEST(Stages, SayThatTheyMeasureWhenTheyTakeANetworkBesideATruth) {
  graph::Registry all;
  register_all(all);
  int measuring = 0;
  for (const auto& name : all.names()) {
    const auto type = all.find(name);
    const auto has = [&](std::string_view port) {
      return std::ranges::find(type->inputs, port, &graph::Port::name) != type->inputs.end();
    };
    const bool detected = has("detections") || has("slide") || has("counts");
    const bool judged = has("annotations") || has("cohort") || has("tuning_file");
    if (!detected || !judged || !has("model")) continue;
    if (name == "record_images") continue;  // writes down what the network has seen
    EXPECT_TRUE(type->measures) << name;
    ++measuring;
  }
  EXPECT_EQ(measuring, 5);
}

}  // namespace
}  // namespace mito::nodes
