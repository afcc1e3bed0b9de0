#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/payload.h"
#include "engine/slide/slide.h"

namespace mito {

/// The open slides of a run, found by the identity of their pixels.
class SlideCollection {
 public:
  /// A slide that is there already is kept as it was.
  void add(const Slide& slide);
  std::size_t size() const { return slides_.size(); }
  /// Null when there is no slide of that identity.
  const Slide* find(const std::string& identity) const;
  /// Throws DataError naming `name` when there is no slide of that identity.
  const Slide& at(const std::string& identity, const std::string& name) const;

 private:
  std::map<std::string, Slide> slides_;
};

template <>
struct Payload<SlideCollection> {
  static constexpr TypeDesc kDesc{"SlideCollection", 1};
};

}  // namespace mito
