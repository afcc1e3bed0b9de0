#include "engine/slide/slide_collection.h"

#include "engine/core/error.h"

namespace mito {

void SlideCollection::add(const Slide& slide) { slides_.try_emplace(slide.info().identity, slide); }

const Slide* SlideCollection::find(const std::string& identity) const {
  const auto found = slides_.find(identity);
  return found == slides_.end() ? nullptr : &found->second;
}

const Slide& SlideCollection::at(const std::string& identity, const std::string& name) const {
  const auto* found = find(identity);
  if (found == nullptr)
    throw DataError("slide '" + name + "' is not among the " + std::to_string(slides_.size()) +
                    " slides connected");
  return *found;
}

}  // namespace mito
