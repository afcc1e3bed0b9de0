#include <algorithm>
#include <fstream>
#include <vector>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

TEST(CommandLine, HelpListsTheCommands) {
  const auto result = mitoloom("--help");

  EXPECT_EQ(result.code, 0);
  for (const char* command : {"run", "plan", "sweep", "merge", "diff", "validate", "nodes",
                              "describe", "graph", "schema", "store", "doctor"})
    EXPECT_THAT(result.out, HasSubstr(command));
}

TEST(CommandLine, AnUnknownCommandGetsTheNearestOne) {
  const auto result = mitoloom("pln pipelines/detect/detect.yaml");

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("no command 'pln'; did you mean 'plan'?"));
}

TEST(CommandLine, AMissingPipelineFileIsWrongUsage) {
  const auto result = mitoloom("validate nowhere.yaml");

  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "nowhere.yaml: error: cannot read the pipeline file\n");
}

TEST(CommandLine, ABudgetOfMemoryThatIsNoSizeIsWrongUsage) {
  for (const char* command : {"run", "sweep"}) {
    const auto result = mitoloom(fmt::format("{} nowhere.yaml --memory 8X", command));

    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.err, HasSubstr("--memory: error: expected a size such as 8G or 500M, got "
                                      "'8X'"));
  }
}

TEST(CommandLine, AnUnknownNodeTypeGetsTheNearestOne) {
  const auto result = mitoloom("describe he_candidate");

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("no node type 'he_candidate'; did you mean 'he_candidates'?"));
}

TEST(CommandLine, DescribePrintsEveryParameterWithItsOrigin) {
  const auto result = mitoloom("describe he_candidates");

  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("diameter_um = 25  ([1, 250] um, paper)"));
}

/// Sweeps say what is swept; parts are no pipelines of their own.
bool is_pipeline(const fs::path& file) {
  const auto text = test::read_file(file);
  return file.extension() == ".yaml" && file.parent_path().filename() != "parts" &&
         text.find("\nbase:") == std::string::npos;
}

TEST(CommandLine, EveryShippedPipelineIsValid) {
  int found = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(MITO_SOURCE_DIR) / "pipelines")) {
    if (!entry.is_regular_file() || !is_pipeline(entry.path())) continue;
    const auto result = mitoloom("validate " + entry.path().string());
    EXPECT_EQ(result.code, 0) << entry.path() << "\n" << result.err;
    ++found;
  }
  EXPECT_GE(found, 30);
}

TEST(CommandLine, AnOldPathOfAShippedPipelineWorksWithANote) {
  std::istringstream moved(test::read_file(fs::path(MITO_SOURCE_DIR) / "pipelines/MOVED"));
  std::string line;
  int found = 0;
  while (std::getline(moved, line)) {
    std::istringstream words(line);
    std::string old;
    std::string now;
    if (line.starts_with('#') || !(words >> old >> now)) continue;
    ASSERT_TRUE(fs::exists(fs::path(MITO_SOURCE_DIR) / "pipelines" / now)) << now;
    ++found;
  }
  EXPECT_GE(found, 30);

  const auto result = mitoloom("validate pipelines/detect.yaml");

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("pipelines/detect.yaml has moved to pipelines/detect/detect.yaml"));
}

TEST(CommandLine, GraphDrawsEveryNode) {
  for (const std::string format : {"dot", "mermaid", "svg"}) {
    if (format == "svg" && std::system("command -v dot >/dev/null") != 0) continue;
    const auto result = mitoloom("graph pipelines/detect/detect.yaml --format " + format);
    EXPECT_EQ(result.code, 0) << result.err;
    for (const char* node : {"mask", "probability", "hotspot", "grade"})
      EXPECT_THAT(result.out, HasSubstr(node)) << format;
  }
}

TEST(CommandLine, SchemasAndPagesAreInStep) {
  const auto result = mitoloom("schema schemas --docs docs --check");

  EXPECT_EQ(result.code, 0) << result.err;
}

/// What the reader accepts and what the JSON Schema accepts is the same.
TEST(CommandLine, ShippedPipelinesMatchTheJsonSchema) {
  const std::string script = R"(
import json, pathlib, sys
try:
    import jsonschema, yaml
except ImportError:
    sys.exit(77)
root = pathlib.Path('schemas')
store = {}
for file in root.rglob('*.json'):
    schema = json.loads(file.read_text())
    store[file.resolve().as_uri()] = schema
base = (root / 'pipeline.schema.json').resolve().as_uri()
schema = store[base]
resolver = jsonschema.RefResolver(base, schema, store=store)
validator = jsonschema.Draft7Validator(schema, resolver=resolver)
bad = 0
for file in sorted(pathlib.Path('pipelines').rglob('*.yaml')):
    shipped = yaml.safe_load(file.read_text())
    if 'nodes' not in shipped: continue  # a sweep
    for error in validator.iter_errors(shipped):
        print(file, error.message[:300]); bad = 1
wrong = yaml.safe_load(pathlib.Path('tests/pipelines/broken/04_unknown_parameter.yaml').read_text())
if not list(validator.iter_errors(wrong)):
    print('the schema accepts an unknown parameter'); bad = 1
sys.exit(bad)
)";
  const test::TempFolder folder;
  std::ofstream(folder.path() / "check.py") << script;

  const int status = std::system(
      ("cd " MITO_SOURCE_DIR " && /usr/bin/python3 " + (folder.path() / "check.py").string())
          .c_str());

  if (WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "python3-jsonschema or python3-yaml is not installed";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// Every file says at its end which messages it must get: `# expect: LINE:COLUMN: MESSAGE`.
class BrokenPipeline : public ::testing::TestWithParam<fs::path> {};

TEST_P(BrokenPipeline, GetsItsMessages) {
  const fs::path file = fs::path("tests/pipelines/broken") / GetParam();
  std::vector<std::string> expected;
  std::string command = "validate";
  std::istringstream lines(test::read_file(fs::path(MITO_SOURCE_DIR) / file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# expect: ")) expected.push_back(file.string() + ":" + line.substr(10));
    if (line.starts_with("# command: ")) command = line.substr(11);
  }
  ASSERT_FALSE(expected.empty()) << "the file names no expected message";

  const auto result = mitoloom(command + " " + file.string());

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  std::vector<std::string> found;
  std::istringstream messages(result.err);
  for (std::string line; std::getline(messages, line);) found.push_back(line);
  EXPECT_EQ(found, expected);
}

std::vector<fs::path> broken_files() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(MITO_SOURCE_DIR) / "tests/pipelines/broken"))
    files.push_back(entry.path().filename());
  std::ranges::sort(files);
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files,
                         BrokenPipeline,
                         ::testing::ValuesIn(broken_files()),
                         [](const auto& tested) {
                           std::string name = tested.param.stem().string();
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// --- names, files, words -------------------------------------------------------------------------

/// A pipeline of one cheap node per slide, and slides to give it.
class Names : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "draw.yaml") << "nodes:\n  drawn: {use: synthetic_slide, params: "
                                            "{name: s, width_px: 512, height_px: 512, "
                                            "mitoses: 1, lookalikes: 0}}\noutputs: [drawn]\n";
    std::ofstream(folder_ / "mask.yaml")
        << "inputs: {slide: {type: files}}\nnodes:\n  slide: {use: slide, in: {files: $slide}}\n"
           "  mask: {use: tissue_mask, in: {slide: slide}}\n"
           "outputs: [mask]\n";
    const auto drawn = mitoloom("run " + at("draw.yaml") + " --no-store --out " + at(""));
    ASSERT_EQ(drawn.code, 0) << drawn.err;
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  test::Outcome masks(const std::string& slide, const std::string& more = "--json") const {
    return mitoloom("run " + at("mask.yaml") + " --no-store --progress off --out " + at("out") +
                    " --set " + quoted("slide=" + slide) + " " + more);
  }
  static std::string quoted(const std::string& text) { return "'" + text + "'"; }

  test::TempFolder folder_;
};

TEST_F(Names, ASlideWhoseNameIsNotUtf8IsReportedInValidJson) {
  fs::rename(folder_ / "s.svs", folder_ / "latin\xE9.svs");

  const auto result = masks(at("latin\xE9.svs"));

  ASSERT_EQ(result.code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_TRUE(json["slides"].contains("latin\\xE9")) << result.out;
  const auto record = nlohmann::json::parse(test::read_file(folder_ / "out" / "run.json"));
  EXPECT_THAT(record["inputs"]["slide"]["files"][0].get<std::string>(),
              ::testing::EndsWith("latin\\xE9.svs"));
}

TEST_F(Names, APatternsTableIsNamedOnceAndIsNoSlide) {
  const auto result = masks(at("s.*"));

  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "warning: no slide, left out: " + at("s.csv") + "\n");
  EXPECT_EQ(nlohmann::json::parse(result.out)["slides"].size(), 1U) << result.out;
}

TEST_F(Names, ATableThatIsGivenAsTheSlideIsAnError) {
  const auto result = masks(at("s.csv"));

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("s.csv: not a slide"));
}

TEST_F(Names, AnOutputFolderThatIsAFileIsRefusedBeforeAnythingIsRead) {
  std::ofstream(folder_ / "out") << "x";

  const auto result = masks(at("s.csv"));

  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "error: cannot write results to '" + at("out") + "': '" + at("out") +
                            "' is a file, expected a folder; choose another --out\n");
}

TEST_F(Names, AnOutputFolderInAClosedFolderIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is closed to the superuser";
  fs::create_directories(folder_ / "out");
  fs::permissions(folder_ / "out", fs::perms::owner_read | fs::perms::owner_exec);

  const auto result = masks(at("s.svs"));

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("the folder '" + at("out") + "': Permission denied"));
}

TEST(CommandLine, OutputThatCannotBeWrittenIsAFailureOfEveryCommand) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  for (const char* command :
       {"nodes", "nodes --json", "describe he_candidates", "describe tiles --json", "store ls",
        "store ls --json", "params pipelines/detect/detect.yaml",
        "validate pipelines/detect/detect.yaml", "graph pipelines/detect/detect.yaml", "doctor",
        "--help", "--version"}) {
    const test::TempFolder folder;
    const std::string err = (folder / "err").string();

    const auto result = mitoloom(std::string(command) + " >/dev/full 2>" + err + "; exit $?; true");

    EXPECT_EQ(result.code, 1) << command;
    EXPECT_THAT(test::read_file(err), HasSubstr("error: cannot write to file: ")) << command;
  }
}

}  // namespace
}  // namespace mito
