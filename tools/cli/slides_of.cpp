#include "tools/cli/slides_of.h"

#include "engine/slide/slide_pair.h"

namespace mito::cli {

std::vector<Slide> slides_of(const TypeDesc* type, const void* element) {
  if (element == nullptr) return {};
  if (type == type_of<Slide>()) return {*static_cast<const Slide*>(element)};
  if (type != type_of<SlidePair>()) return {};
  const auto& pair = *static_cast<const SlidePair*>(element);
  return {pair.he, pair.phh3};
}

}  // namespace mito::cli
