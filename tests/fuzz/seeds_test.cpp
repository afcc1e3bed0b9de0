// Every seed through its target: among them are the inputs that once were findings.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/fuzz/targets.h"

namespace mito::fuzz {
namespace {

namespace fs = std::filesystem;

class FuzzSeeds : public ::testing::TestWithParam<Target> {};

TEST_P(FuzzSeeds, AreReadOrRefusedInWords) {
  const fs::path folder = fs::path(MITO_SOURCE_DIR) / "tests/fuzz/seeds" / GetParam().name;
  std::size_t seeds = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NO_THROW(run(GetParam(), bytes)) << entry.path();
    ++seeds;
  }
  EXPECT_GT(seeds, 0U) << folder;
}

INSTANTIATE_TEST_SUITE_P(All,
                         FuzzSeeds,
                         ::testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& chosen) { return std::string(chosen.param.name); });

}  // namespace
}  // namespace mito::fuzz
