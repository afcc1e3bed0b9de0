#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/payload.h"
#include "engine/core/record.h"

// A payload that is stored says once what lies where; its codec, its page in schemas/store and the
// line that `run` prints of it follow. In its header, and in the source beside it:
//
//     template <>
//     struct Payload<Basket> {
//       static constexpr TypeDesc kDesc{"Basket", 1};
//       static void describe(Description<Basket>& d);
//     };
//
//     void Payload<Basket>::describe(Description<Basket>& d) {  // engine/core/description.h
//       d.about("Apples of one harvest.");
//       d.attribute("age", &Basket::age, {"Since they were picked.", "days"});
//       d.rows(&Basket::apples, "N").column("weight", &Apple::weight, {"With stalk.", "g"});
//     }
//     template struct DescribedCodec<Basket>;
namespace mito {

template <class T>
class Description;

/// One array or attribute, as a page on the layout shows it.
struct LayoutRow {
  bool array = false;  ///< Else an attribute.
  std::string name;
  std::string type;  ///< "float64 [N, 2]", "N texts", "int64".
  std::string unit;  ///< "um"; empty for none.
  std::string help;
};

/// Everything that is stored of a payload.
struct Layout {
  std::string about;  ///< What it is, in sentences.
  std::vector<LayoutRow> rows;
};

/// What a person wants to know of a result in one line: names and values. May be empty.
using Summary = std::vector<std::pair<std::string, Attribute>>;

template <class T>
concept DescribedPayload = requires(Description<T>& d) {
  Payload<T>::describe(d);
};

/// What follows from a description; defined in engine/core/description.h.
template <class T>
struct DescribedCodec {
  static Record encode(const T& value);
  static T decode(const Record& record);  ///< Throws DataError.
  static Layout layout();
  static Summary summary(const T& value);
};

template <DescribedPayload T>
struct Codec<T> : DescribedCodec<T> {};

}  // namespace mito
