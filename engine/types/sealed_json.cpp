#include "engine/types/sealed_json.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"

namespace mito {
namespace {

constexpr const char* kSeal = "content_digest";

/// Blanks and line ends do not count.
std::string digest_of(nlohmann::ordered_json document) {
  document.erase(kSeal);
  return sha256(json_text(document, -1));
}

}  // namespace

void seal(nlohmann::ordered_json& document) { document[kSeal] = digest_of(document); }

void check_seal(const nlohmann::ordered_json& document, const std::string& file) {
  if (!document.contains(kSeal) || document.at(kSeal) == digest_of(document)) return;
  throw DataError(
      fmt::format("{}: its content is not what it was when it was written ({}): write it anew, or, "
                  "where it was "
                  "changed on purpose, take that member away",
                  file, kSeal));
}

}  // namespace mito
