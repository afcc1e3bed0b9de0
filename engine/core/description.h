#pragma once
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/described.h"
#include "engine/core/error.h"
#include "engine/core/text_arrays.h"

// How a payload is stored, said once (engine/core/described.h). Included by the sources that
// describe payloads only.
//
// Members are named by a pointer, or by a generic lambda that returns a reference; several that lie
// in one array or list, by one that returns std::tie of them.
namespace mito {

/// What a stored array or attribute means: one sentence, and the unit where there is one.
struct Meaning {
  std::string_view help;
  std::string_view unit = {};
};

namespace described {

/// How one member lies in an array.
template <class M>
struct Cell {
  using Stored = M;
  static Stored put(const M& member) { return member; }
  static M get(Stored value) { return value; }
};
template <>
struct Cell<bool> {
  using Stored = std::uint8_t;
  static Stored put(bool member) { return member ? 1 : 0; }
  static bool get(Stored value) { return value != 0; }
};
template <class M>
requires std::is_enum_v<M>
struct Cell<M> {
  using Stored = std::underlying_type_t<M>;
  static Stored put(M member) { return static_cast<Stored>(member); }
  static M get(Stored value) { return static_cast<M>(value); }
};
template <class N>
struct Cell<std::optional<N>> {  // NaN = none
  using Stored = double;
  static Stored put(const std::optional<N>& member) {
    return member ? static_cast<double>(*member) : std::numeric_limits<double>::quiet_NaN();
  }
  static std::optional<N> get(Stored value) {
    return std::isnan(value) ? std::nullopt : std::optional(static_cast<N>(value));
  }
};

/// References to the members that `member` names of `object`, as a tuple.
template <class A, class S>
auto cells_of(const A& member, S& object) {
  if constexpr (std::is_lvalue_reference_v<std::invoke_result_t<const A&, S&>>) {
    return std::tie(std::invoke(member, object));
  } else {
    return std::invoke(member, object);
  }
}
template <class A, class S>
using CellsOf = decltype(cells_of(std::declval<const A&>(), std::declval<S&>()));
template <class A, class S>
inline constexpr std::size_t kCells = std::tuple_size_v<CellsOf<A, S>>;
template <class A, class S>
using CellOf = Cell<std::remove_cvref_t<std::tuple_element_t<0, CellsOf<A, S>>>>;
/// The one member that `member` names of a T.
template <class A, class T>
using MemberOf = std::remove_cvref_t<std::invoke_result_t<const A&, T&>>;

template <class A, class S>
Array pack(std::span<const S> rows, const A& member) {
  using Of = CellOf<A, S>;
  std::vector<typename Of::Stored> flat;
  flat.reserve(kCells<A, S> * rows.size());
  for (const S& row : rows)
    std::apply(
        [&](const auto& first, const auto&... others) {
          static_assert((std::same_as<decltype(first), decltype(others)> && ...), "one type");
          flat.push_back(Of::put(first));
          (flat.push_back(Of::put(others)), ...);
        },
        cells_of(member, row));
  if constexpr (kCells<A, S> == 1) {
    return Array::of(flat);
  } else {
    return Array::of(flat, {rows.size(), kCells<A, S>});
  }
}
template <class A, class S>
void unpack(std::span<const typename CellOf<A, S>::Stored> flat,
            std::span<S> rows,
            const A& member) {
  std::size_t i = 0;
  for (S& row : rows)
    std::apply([&](auto&... cell) { ((cell = CellOf<A, S>::get(flat[i++])), ...); },
               cells_of(member, row));
}

template <class M>
Attribute to_attribute(const M& member) {
  if constexpr (std::integral<M>) {
    return static_cast<std::int64_t>(member);
  } else {
    return member;
  }
}
void read(const Record& record, const std::string& name, std::string& member);
void read(const Record& record, const std::string& name, double& member);
template <std::integral M>
void read(const Record& record, const std::string& name, M& member) {
  if constexpr (std::same_as<M, bool>) {
    member = record.integer(name) != 0;
  } else {
    member = static_cast<M>(record.integer(name));
  }
}
/// A number of a list of numbers, which are all float64, back as what it was.
template <class M>
M from_number(double value) {
  if constexpr (std::integral<M>) {
    return static_cast<M>(std::llround(value));
  } else {
    return value;
  }
}

LayoutRow attribute_row(const std::string& name, const Attribute& example, const Meaning& meaning);
LayoutRow numbers_row(const std::string& name, std::size_t count, const Meaning& meaning);
LayoutRow array_row(const std::string& name,
                    DType type,
                    const std::string& shape,
                    const Meaning& meaning);
LayoutRow texts_row(const std::string& name, const std::string& count, const Meaning& meaning);
/// "[N]" or "[N, 2]".
std::string shape_text(const std::string& rows, std::size_t columns);
/// "Why: 0 accepted, 1 border."
std::string with_names(std::string_view help, std::span<const std::string_view> names);

/// Throws DataError "attribute 'NAME' needs two numbers", or what `wording` says.
void require_numbers(std::string_view kind,
                     const std::string& name,
                     std::size_t found,
                     std::size_t expected,
                     const std::string& wording = "");
/// Throws DataError when `found` is another number than the product of `shape`.
void require_shape(std::size_t found,
                   std::span<const std::uint64_t> shape,
                   const std::string& misfit);
/// `values` in rows of `columns`. Throws DataError when they are not whole rows, or not `expected`;
/// `uneven`: a text for fmt with the array's name, the rows found and those expected.
std::size_t rows_of(const std::string& name,
                    std::size_t values,
                    std::size_t columns,
                    std::optional<std::size_t> expected,
                    const std::string& uneven);

}  // namespace described

/// Throws DataError "dataset 'NAME' has 3 rows, expected 4".
void require_rows(std::string_view name, std::size_t found, std::size_t expected);

/// What is known of some arrays and attributes of a T.
template <class T>
struct StoredField {
  std::vector<LayoutRow> rows;
  std::function<void(const T&, Record&)> encode;
  std::function<void(const Record&, T&)> decode;  ///< Throws DataError.
};

template <class T, class S>
class Rows;

/// How a T is stored. Fields are read in the order in which they are described.
template <class T>
class Description {
 public:
  /// One sentence: what the payload is.
  void about(std::string sentence) { about_ = std::move(sentence); }

  /// A number, a text or yes/no as an attribute.
  template <class A>
  void attribute(const std::string& name, A member, const Meaning& meaning) {
    using M = described::MemberOf<A, T>;
    field({{described::attribute_row(name, described::to_attribute(M{}), meaning)},
           [=](const T& value, Record& record) {
             record.attributes[name] = described::to_attribute(std::invoke(member, value));
           },
           [=](const Record& record, T& value) {
             described::read(record, name, std::invoke(member, value));
           }});
  }
  /// An attribute that follows from the rest, for those who read the file: not read back.
  template <class F>
  void derived(const std::string& name, F of, const Meaning& meaning) {
    field({{described::attribute_row(name, described::to_attribute(of(T{})), meaning)},
           [=](const T& value, Record& record) {
             record.attributes[name] = described::to_attribute(of(value));
           },
           [](const Record&, T&) {}});
  }
  /// Some members as an attribute that is a list of numbers.
  template <class A>
  void numbers(const std::string& name,
               A members,
               const Meaning& meaning,
               const std::string& wording = "") {
    constexpr auto kCount = described::kCells<A, T>;
    field({{described::numbers_row(name, kCount, meaning)},
           [=](const T& value, Record& record) {
             record.attributes[name] = std::apply(
                 [](const auto&... m) { return std::vector<double>{static_cast<double>(m)...}; },
                 described::cells_of(members, value));
           },
           [=](const Record& record, T& value) {
             const auto& list = record.numbers(name);
             described::require_numbers("attribute", name, list.size(), kCount, wording);
             std::size_t i = 0;
             std::apply(
                 [&](auto&... m) {
                   ((m = described::from_number<std::remove_cvref_t<decltype(m)>>(list[i++])), ...);
                 },
                 described::cells_of(members, value));
           }});
  }
  /// Some members as an array of one row.
  template <class A>
  void row(const std::string& name, A members, const Meaning& meaning) {
    using Stored = typename described::CellOf<A, T>::Stored;
    constexpr auto kCount = described::kCells<A, T>;
    field({{described::array_row(name, dtype_of<Stored>(), described::shape_text("1", kCount),
                                 meaning)},
           [=](const T& value, Record& record) {
             record.arrays[name] = described::pack(std::span(&value, 1), members);
           },
           [=](const Record& record, T& value) {
             const auto flat = record.array(name).template as<Stored>();
             described::require_numbers("dataset", name, flat.size(), kCount);
             described::unpack(flat, std::span(&value, 1), members);
           }});
  }
  /// A list of numbers as an array with `count` rows.
  template <class A>
  void column(const std::string& name, A member, const std::string& count, const Meaning& meaning) {
    using E = typename described::MemberOf<A, T>::value_type;
    field({{described::array_row(name, dtype_of<E>(), described::shape_text(count, 1), meaning)},
           [=](const T& value, Record& record) {
             record.arrays[name] = Array::of(std::invoke(member, value));
           },
           [=](const Record& record, T& value) {
             const auto flat = record.array(name).template as<E>();
             std::invoke(member, value).assign(flat.begin(), flat.end());
           }});
  }
  /// A list of numbers as an array of the shape that `shape` gives for a T whose fields before this
  /// one are known; `misfit` is the message when there are more or fewer.
  template <class A, class F>
  void array(const std::string& name,
             A member,
             F shape,
             const std::string& shape_text,
             const std::string& misfit,
             const Meaning& meaning) {
    using E = typename described::MemberOf<A, T>::value_type;
    field({{described::array_row(name, dtype_of<E>(), shape_text, meaning)},
           [=](const T& value, Record& record) {
             record.arrays[name] = Array::of(std::invoke(member, value), shape(value));
           },
           [=](const Record& record, T& value) {
             const auto flat = record.array(name).template as<E>();
             std::invoke(member, value).assign(flat.begin(), flat.end());
             described::require_shape(flat.size(), shape(value), misfit);
           }});
  }
  void texts(const std::string& name,
             std::vector<std::string> T::*member,
             const std::string& count,
             const Meaning& meaning) {
    field({{described::texts_row(name, count, meaning)},
           [=](const T& value, Record& record) { put_texts(record, name, value.*member); },
           [=](const Record& record, T& value) { value.*member = get_texts(record, name); }});
  }
  /// A list of structs, to which columns are added. `uneven`: the message when they differ in
  /// length, with {0} for the name of one, {1} for its rows, {2} for those of the first.
  template <class S>
  Rows<T, S> rows(
      std::vector<S> T::*list,
      const std::string& count,
      const std::string& uneven = "dataset '{0}' has another number of rows than the others") {
    return {*this, list, count, uneven};
  }
  /// A struct in the struct: its fields are fields of the whole.
  template <class M>
  void within(M T::*member,
              const std::function<void(Description<std::type_identity_t<M>>&)>& describe) {
    Description<M> part;
    describe(part);
    for (auto& f : part.fields())
      field({f.rows,
             [member, encode = f.encode](const T& value, Record& record) {
               encode(value.*member, record);
             },
             [member, decode = f.decode](const Record& record, T& value) {
               decode(record, value.*member);
             }});
  }
  /// Stored as another type, into which and back from which it is turned.
  template <class F>
  void through(F (*there)(const T&), T (*back)(F), void (*describe)(Description<F>&)) {
    Description<F> other;
    describe(other);
    std::vector<LayoutRow> all = other.layout().rows;
    field({std::move(all),
           [=](const T& value, Record& record) { record = other.encode(there(value)); },
           [=](const Record& record, T& value) { value = back(other.decode(record)); }});
  }
  /// What must hold between the fields before: throws DataError when it does not.
  void check(std::function<void(const T&)> holds) {
    field({{}, [](const T&, Record&) {}, [=](const Record&, T& value) { holds(value); }});
  }
  /// Whatever nothing of the above says.
  void field(StoredField<T> field) { fields_.push_back(std::move(field)); }
  /// A value of the line that `run` prints; an empty text is left out.
  template <class F>
  void brief(std::string name, F of) {
    briefs_.emplace_back(std::move(name),
                         [=](const T& v) { return described::to_attribute(std::invoke(of, v)); });
  }

  Record encode(const T& value) const {
    Record record;
    for (const auto& f : fields_) f.encode(value, record);
    return record;
  }
  /// Throws DataError.
  T decode(const Record& record) const {
    T value{};
    for (const auto& f : fields_) f.decode(record, value);
    return value;
  }
  Layout layout() const {
    Layout out{about_, {}};
    for (const auto& f : fields_) out.rows.insert(out.rows.end(), f.rows.begin(), f.rows.end());
    return out;
  }
  Summary summary(const T& value) const {
    Summary out;
    for (const auto& [name, of] : briefs_)
      if (auto found = of(value); found != Attribute(std::string())) out.emplace_back(name, found);
    return out;
  }
  const std::vector<StoredField<T>>& fields() const { return fields_; }

 private:
  std::string about_;
  std::vector<StoredField<T>> fields_;
  std::vector<std::pair<std::string, std::function<Attribute(const T&)>>> briefs_;
};

/// Columns of a list of structs: an array each, with one row per struct.
template <class T, class S>
class Rows {
 public:
  Rows(Description<T>& to, std::vector<S> T::*list, std::string count, std::string uneven)
      : to_(to), list_(list), count_(std::move(count)), uneven_(std::move(uneven)) {}

  /// A member, or several of one type side by side.
  template <class A>
  Rows& column(const std::string& name, A member, const Meaning& meaning) {
    using Stored = typename described::CellOf<A, S>::Stored;
    constexpr auto kColumns = described::kCells<A, S>;
    to_.field({{described::array_row(name, dtype_of<Stored>(),
                                     described::shape_text(count_, kColumns), meaning)},
               [=, list = list_](const T& value, Record& record) {
                 record.arrays[name] = described::pack(std::span<const S>(value.*list), member);
               },
               [=, list = list_, resize = resize()](const Record& record, T& value) {
                 const auto flat = record.array(name).template as<Stored>();
                 resize(value.*list, name, flat.size(), kColumns);
                 described::unpack(flat, std::span<S>(value.*list), member);
               }});
    return *this;
  }
  /// An enumeration: refused with the message `unknown` where `names` has no name for it.
  template <class A>
  Rows& choice(const std::string& name,
               A member,
               std::span<const std::string_view> names,
               const std::string& unknown,
               const Meaning& meaning) {
    column(name, member, {described::with_names(meaning.help, names), meaning.unit});
    to_.check([=, list = list_, known = names.size()](const T& value) {
      for (const S& row : value.*list)
        if (static_cast<std::size_t>(std::invoke(member, row)) >= known) throw DataError(unknown);
    });
    return *this;
  }
  template <class A>
  Rows& texts(const std::string& name, A member, const Meaning& meaning) {
    to_.field({{described::texts_row(name, count_, meaning)},
               [=, list = list_](const T& value, Record& record) {
                 std::vector<std::string> texts;
                 for (const S& row : value.*list) texts.push_back(std::invoke(member, row));
                 put_texts(record, name, texts);
               },
               [=, list = list_, resize = resize()](const Record& record, T& value) {
                 auto texts = get_texts(record, name);
                 resize(value.*list, name, texts.size(), 1);
                 for (std::size_t i = 0; i < texts.size(); ++i)
                   std::invoke(member, (value.*list)[i]) = std::move(texts[i]);
               }});
    return *this;
  }

 private:
  /// The first column says how many rows there are, the others must agree.
  auto resize() {
    return [uneven = uneven_, first = std::exchange(first_, false)](
               std::vector<S>& rows, const std::string& name, std::size_t values,
               std::size_t columns) {
      const auto expected = first ? std::nullopt : std::optional(rows.size());
      rows.resize(described::rows_of(name, values, columns, expected, uneven));
    };
  }
  Description<T>& to_;
  std::vector<S> T::*list_;
  std::string count_;
  std::string uneven_;
  bool first_ = true;
};

template <class T>
const Description<T>& description_of() {
  static const Description<T> kDescription = [] {
    Description<T> d;
    Payload<T>::describe(d);
    return d;
  }();
  return kDescription;
}

template <class T>
Record DescribedCodec<T>::encode(const T& value) {
  return description_of<T>().encode(value);
}
template <class T>
T DescribedCodec<T>::decode(const Record& record) {
  return description_of<T>().decode(record);
}
template <class T>
Layout DescribedCodec<T>::layout() {
  return description_of<T>().layout();
}
template <class T>
Summary DescribedCodec<T>::summary(const T& value) {
  return description_of<T>().summary(value);
}

}  // namespace mito
