#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace mito {

enum class DType : std::uint8_t { U8, U16, I32, U32, I64, U64, F32, F64 };

std::size_t size_of(DType type);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::U8;
}
template <>
constexpr DType dtype_of<std::uint16_t>() {
  return DType::U16;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::I32;
}
template <>
constexpr DType dtype_of<std::uint32_t>() {
  return DType::U32;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::I64;
}
template <>
constexpr DType dtype_of<std::uint64_t>() {
  return DType::U64;
}
template <>
constexpr DType dtype_of<float>() {
  return DType::F32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::F64;
}

/// A dense array, row major. The first axis counts rows: the store concatenates parts along it.
struct Array {
  DType dtype = DType::U8;
  std::vector<std::uint64_t> shape;
  std::vector<std::byte> bytes;

  /// Copies `values`; throws std::invalid_argument when `shape` does not multiply to their number.
  template <class T>
  static Array of(std::span<const T> values, std::vector<std::uint64_t> shape) {
    Array out{dtype_of<T>(), std::move(shape), {}};
    const auto raw = std::as_bytes(values);
    out.bytes.assign(raw.begin(), raw.end());
    out.check();
    return out;
  }
  template <class T>
  static Array of(const std::vector<T>& values) {
    return of(std::span<const T>(values), {values.size()});
  }
  template <class T>
  static Array of(const std::vector<T>& values, std::vector<std::uint64_t> shape) {
    return of(std::span<const T>(values), std::move(shape));
  }
  /// Throws DataError when the element type differs.
  template <class T>
  std::span<const T> as() const {
    require(dtype_of<T>());
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  std::uint64_t rows() const { return shape.empty() ? 0 : shape.front(); }
  bool operator==(const Array&) const = default;

 private:
  void check() const;
  void require(DType type) const;
};

using Attribute = std::variant<std::int64_t, double, std::string, std::vector<double>>;

/// What a payload looks like outside the program: named arrays and attributes. The store writes it
/// as HDF5 (an array is a dataset, an attribute is an attribute of the file's root) and knows
/// nothing else about payloads.
struct Record {
  std::map<std::string, Array> arrays;
  std::map<std::string, Attribute> attributes;

  /// Throw DataError naming what is missing or of another type.
  const Array& array(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;
  bool operator==(const Record&) const = default;
};

/// SHA-256 over names, types, shapes and values, in the order of the names: equal for equal
/// records, whatever file they are in.
std::string content_digest(const Record& record);

/// A payload that can be stored describes itself (engine/core/described.h) or, where its layout is
/// another every time, specialises this next to its definition:
///     static Record encode(const T&);
///     static T decode(const Record&);   // throws DataError
/// Rules for payloads that travel per part (tile): every array has the same element type and the
/// same trailing shape in every part, arrays are concatenated along axis 0, and attributes are
/// equal in all parts of one artefact.
template <class T>
struct Codec;

template <class T>
concept Storable = requires(const T& value, const Record& record) {
  Codec<T>::encode(value);
  Codec<T>::decode(record);
};

}  // namespace mito
