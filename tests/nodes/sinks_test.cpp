#include <map>
#include <set>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "nodes/registry.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using ::testing::UnorderedElementsAre;

/// One result of every kind, on a drawn slide, and the exporters as the graph calls them.
class Sinks : public ::testing::Test {
 protected:
  Sinks() {
    nodes::register_all(registry_);
    context_.out_folder = out_.path();
    const auto slide = Slide::open(test::draw_slide(slides_.path()), {});
    DetectionSet detections;
    detections.grid = slide.analysis_grid();
    detections.items = {{{100, 200}, 0.95, 3}};
    ProbabilityTile tile{slide.analysis_grid(), {0, 0, 256, 256}, std::vector<float>(64 * 64), {}};
    data_ = {{"slide", graph::seal(slide)},
             {"detections", graph::seal(detections)},
             {"mask", graph::seal(TissueMask{slide.grid(8), std::vector<std::uint8_t>(19 * 16)})},
             {"hotspot", graph::seal(Hotspot{})},
             {"grade", graph::seal(Grade{})},
             {"probability", graph::seal(tile)}};
  }

  FileArtifact write(const std::string& type_name) {
    const auto type = registry_.find(type_name);
    Diagnostics problems;
    const auto body = type->bind(nullptr, "node", problems).make();
    std::vector<graph::Data> in;
    for (const auto& port : type->inputs) in.push_back(data_[std::string(port.name)]);
    graph::Data out;
    if (const auto* map = std::get_if<std::unique_ptr<graph::MapBody>>(&body)) {
      out = (*map)->run(context_, in);
    } else {
      const auto& reduce = *std::get<std::unique_ptr<graph::ReduceBody>>(body);
      auto sum = reduce.begin(context_, 1, std::span(in).subspan(1));
      reduce.add(sum.get(), 0, in[0]);
      out = reduce.finish(std::move(sum));
    }
    EXPECT_TRUE(type->info.sink);
    return *static_cast<const FileArtifact*>(out.get());
  }

  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(out_.path()))
      names.insert(entry.path().filename());
    return names;
  }

  test::TempFolder slides_;
  test::TempFolder out_;
  graph::Registry registry_;
  graph::NodeContext context_;
  std::map<std::string, graph::Data> data_;
};

TEST_F(Sinks, WriteOneFileEachAndNothingElse) {
  for (const char* type : {"export_csv", "export_geojson", "export_asap", "export_probability",
                           "export_overlay", "export_result"})
    write(type);

  EXPECT_THAT(files(),
              UnorderedElementsAre("detections.csv", "detections.geojson", "detections.xml",
                                   "probability.tif", "overlay.jpg", "result.json"));
}

TEST_F(Sinks, SayWhichFileTheyWrote) {
  for (const char* type : {"export_csv", "export_probability", "export_overlay", "export_result"}) {
    const FileArtifact file = write(type);
    EXPECT_TRUE(std::filesystem::is_regular_file(out_ / file.path)) << type;
  }
}

TEST_F(Sinks, AnAbandonedProbabilityMapLeavesNothing) {
  const auto type = registry_.find("export_probability");
  Diagnostics problems;
  const auto body = type->bind(nullptr, "node", problems).make();
  const std::vector<graph::Data> in{data_["slide"]};
  {
    const auto sum = std::get<std::unique_ptr<graph::ReduceBody>>(body)->begin(context_, 1, in);
    EXPECT_EQ(files().size(), 1U);
  }

  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace mito
