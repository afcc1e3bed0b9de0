#include "engine/core/error.h"

#include <exception>
#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Diagnostics, AreSortedByPlaceAndSaidOnce) {
  Diagnostics found;
  found.add({"b.yaml", 1, 1}, "first");
  found.add({"a.yaml", 9, 2}, "late");
  found.add({"a.yaml", 2, 7}, "one");
  found.add({"a.yaml", 2, 7}, "two");
  found.add({"a.yaml", 2, 7}, "one");

  EXPECT_THAT(found.lines(), ElementsAre("a.yaml:2:7: error: one", "a.yaml:2:7: error: two",
                                         "a.yaml:9:2: error: late", "b.yaml:1:1: error: first"));
}

TEST(Diagnostics, TellTheFirstFiftyAndCountTheRest) {
  Diagnostics found;
  for (int line = 20000; line > 0; --line)  // seconds, were each of them sorted anew
    found.add({"many.yaml", line, 1}, "wrong");
  ASSERT_EQ(found.lines().size(), 20000U);

  try {
    found.throw_if_any();
    FAIL();
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_THAT(text, HasSubstr("many.yaml:50:1: error: wrong\n"));
    EXPECT_THAT(text, Not(HasSubstr("many.yaml:51:1")));
    EXPECT_THAT(text, EndsWith("\nand 19950 more; all 20000 are mistakes"));
  }
}

TEST(Diagnostics, FewAreToldWithoutACount) {
  Diagnostics found;
  found.add({"a.yaml", 1, 1}, "wrong");
  EXPECT_EQ(first_mistakes(found.lines()), "a.yaml:1:1: error: wrong");
}

TEST(Explain, SaysHowMuchMemoryThereWasWhenItRanOut) {
  try {
    try {
      throw std::bad_alloc();
    } catch (...) {
      std::throw_with_nested(NodeError("node 'maps' (cnn_dense), slide 'a'"));
    }
  } catch (const std::exception& error) {
    EXPECT_THAT(
        explain(error),
        ::testing::MatchesRegex("node 'maps' \\(cnn_dense\\), slide 'a': memory ran out: this "
                                "process has [0-9.]+ GiB of the [0-9.]+ GiB that it may have; .*"));
  }
}

}  // namespace
}  // namespace mito
