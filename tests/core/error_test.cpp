#include "engine/core/error.h"

#include <cstdlib>
#include <exception>
#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/memory_limit.h"
#include "engine/core/text.h"

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

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

TEST(Memory, HasSizesWithAUnit) {
  EXPECT_EQ(parse_memory("8G"), std::uint64_t{8} << 30);
  EXPECT_EQ(parse_memory("1.5GiB"), std::uint64_t{3} << 29);
  EXPECT_EQ(parse_memory("500MB"), std::uint64_t{500} << 20);
  for (const char* wrong : {"", "8", "G", "8X", "8G8", "-1G", "nanG", "infG", "1e30T", "0M", " 8G"})
    EXPECT_FALSE(parse_memory(wrong)) << wrong;
}

TEST(Memory, ABudgetIsALimitHereAndInProgramsThatAreStarted) {
  set_memory_budget("200M");
  EXPECT_EQ(memory_limit(), std::uint64_t{200} << 20);
  EXPECT_THAT([] { require_memory(std::uint64_t{1} << 30, "the model"); },
              ThrowsMessage<DataError>(
                  HasSubstr("the model takes at least 1.0 GiB of memory, but there are 0.2 GiB")));
  EXPECT_THAT([] { set_memory_budget("8 gigs"); },
              ThrowsMessage<ConfigError>("--memory: error: expected a size such as 8G or 500M, got "
                                         "'8 gigs'"));
  ::setenv("MITOLOOM_MEMORY", "much", 1);
  EXPECT_THAT([] { set_memory_budget(""); },
              ThrowsMessage<ConfigError>(HasSubstr("MITOLOOM_MEMORY: error: expected a size")));
  ::unsetenv("MITOLOOM_MEMORY");
}

TEST(Text, EndsNoCellOfATable) { EXPECT_EQ(markdown_cell("a|b\nc"), "a\\|b c"); }

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
