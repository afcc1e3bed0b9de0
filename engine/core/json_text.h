#pragma once
#include <string>

namespace mito {

/// A JSON document as files and the output of commands have it: indented, with a line's end, and
/// with U+FFFD for what is not UTF-8: a message may quote the bytes of a damaged file.
template <class Json>
std::string json_text(const Json& json, int indent = 2) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mito
