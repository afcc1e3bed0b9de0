#include <cstdlib>
#include <stdexcept>
#include <string>

#include "engine/graph/plugin.h"
#include "engine/types/pathology.h"

namespace other {
struct Grade {};
}  // namespace other

template <>
struct mito::Payload<other::Grade> {
  static constexpr TypeDesc kDesc{"Grade", 1};
};

namespace {

constexpr mito::graph::NodeInfo info(std::string_view type) {
  return {.type = type, .version = 1, .paper = "-", .summary = "Fails.", .inputs = {"grade"}};
}

struct KnownType {
  static constexpr auto kInfo = info("grade");
  static mito::Grade run(const mito::Grade& grade) { return grade; }
};

struct OtherPayload {
  static constexpr auto kInfo = info("regrade");
  static other::Grade run(const mito::Grade&) { return {}; }
};

struct NoUnit {
  struct Params {
    double radius = 1;
    static void describe(auto& p, auto&& field) {
      field("radius", p.radius, {.unit = mito::Unit::Micron, .doc = "Of something."});
    }
  };
  static constexpr auto kInfo = info("no_unit");
  static mito::Grade run(const Params&, const mito::Grade& grade) { return grade; }
};

}  // namespace

MITOLOOM_PLUGIN(registry) {
  const char* given = std::getenv("FAULT");
  const std::string fault = given == nullptr ? "" : given;
  if (fault == "throws") throw std::runtime_error("out of luck");
  if (fault == "throws a number") throw 7;
  if (fault == "type") registry.add<KnownType>();
  if (fault == "payload") registry.add<OtherPayload>();
  if (fault == "unit") registry.add<NoUnit>();
}
