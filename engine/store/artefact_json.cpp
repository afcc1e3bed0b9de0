#include "engine/store/artefact_json.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/hdf5/files.h"

namespace mito::store {

std::string to_json(const graph::ArtefactInfo& info) {
  auto inputs = nlohmann::ordered_json::array();
  for (const auto& input : info.inputs)
    inputs.push_back({{"port", input.port}, {"source", input.source}, {"key", input.key}});
  const nlohmann::ordered_json json{{"mitoloom_store_format", kStoreFormat},
                                    {"key", info.key},
                                    {"node_type", info.node_type},
                                    {"node_version", info.node_version},
                                    {"payload", info.payload},
                                    {"payload_version", info.payload_version},
                                    {"parameters", info.canonical},
                                    {"inputs", inputs},
                                    {"node_id", info.node_id},
                                    {"item", info.item},
                                    {"parts", info.parts},
                                    {"per_part", info.per_part}};
  // A file name need not be UTF-8; the store must not fail over it.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

graph::ArtefactInfo read_json(const std::filesystem::path& file) {
  const auto text = read_text(file);
  if (!text) throw DataError(fmt::format("'{}': no such file", file.string()));
  try {
    const auto json = nlohmann::json::parse(*text);
    if (const int format = json.at("mitoloom_store_format"); format != kStoreFormat) {
      throw DataError(fmt::format("'{}': layout {} of the store; this program knows layout {}",
                                  file.string(), format, kStoreFormat));
    }
    graph::ArtefactInfo info;
    json.at("key").get_to(info.key);
    json.at("node_type").get_to(info.node_type);
    json.at("node_version").get_to(info.node_version);
    json.at("payload").get_to(info.payload);
    json.at("payload_version").get_to(info.payload_version);
    json.at("parameters").get_to(info.canonical);
    for (const auto& input : json.at("inputs"))
      info.inputs.push_back({input.at("port"), input.at("source"), input.at("key")});
    json.at("node_id").get_to(info.node_id);
    json.at("item").get_to(info.item);
    json.at("parts").get_to(info.parts);
    json.at("per_part").get_to(info.per_part);
    return info;
  } catch (const nlohmann::json::exception& error) {
    throw DataError(fmt::format("'{}' is damaged: {}", file.string(), error.what()));
  }
}

}  // namespace mito::store
