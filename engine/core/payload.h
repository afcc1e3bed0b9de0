#pragma once
#include <string_view>

namespace mito {

/// Identity of a payload type: what may travel on an edge. One per type in the program.
struct TypeDesc {
  std::string_view name;
  int version;  ///< Bump when the meaning or the stored layout changes.
};

/// Each payload type specialises this next to its definition:
/// `template <> struct Payload<Tile> { static constexpr TypeDesc kDesc{"Tile", 1}; };`
template <class T>
struct Payload;

template <class T>
constexpr const TypeDesc* type_of() {
  return &Payload<T>::kDesc;
}

}  // namespace mito
