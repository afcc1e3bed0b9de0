#pragma once
#include <string>

#include <nlohmann/json.hpp>

namespace mito {

/// Adds to a document that decides results the member `content_digest`, the SHA-256 of all its
/// other members, so that damage is seen when it is read.
void seal(nlohmann::ordered_json& document);

/// Throws DataError naming the file when a document states a digest and is not what it was when it
/// was written. One without, written by hand or before, is not looked at.
void check_seal(const nlohmann::ordered_json& document, const std::string& file);

}  // namespace mito
