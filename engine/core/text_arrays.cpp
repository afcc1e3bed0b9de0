#include "engine/core/text_arrays.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/core/error.h"

namespace mito {

void put_texts(Record& record, const std::string& name, const std::vector<std::string>& texts) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint64_t> ends;
  for (const auto& text : texts) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    ends.push_back(bytes.size());
  }
  record.arrays[name] = Array::of(bytes);
  record.arrays[name + "_end"] = Array::of(ends);
}

std::vector<std::string> get_texts(const Record& record, const std::string& name) {
  const auto bytes = record.array(name).as<std::uint8_t>();
  const auto ends = record.array(name + "_end").as<std::uint64_t>();
  if (!std::ranges::is_sorted(ends) || (ends.empty() ? 0 : ends.back()) != bytes.size())
    throw DataError("dataset '" + name + "_end' does not fit '" + name + "'");
  std::vector<std::string> texts;
  auto begin = bytes.begin();
  for (const auto end : ends) {
    texts.emplace_back(begin, bytes.begin() + static_cast<std::ptrdiff_t>(end));
    begin = bytes.begin() + static_cast<std::ptrdiff_t>(end);
  }
  return texts;
}

}  // namespace mito
