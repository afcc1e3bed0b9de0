#include "engine/core/record.h"

#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"

namespace mito {

std::size_t size_of(DType type) {
  switch (type) {
    case DType::U8:
      return 1;
    case DType::U16:
      return 2;
    case DType::I32:
    case DType::U32:
    case DType::F32:
      return 4;
    case DType::I64:
    case DType::U64:
    case DType::F64:
      return 8;
  }
  throw std::logic_error("unknown DType");
}

void Array::check() const {
  std::uint64_t count = 1;
  for (const auto n : shape) count *= n;
  if (count * size_of(dtype) != bytes.size())
    throw std::invalid_argument("array shape does not match its number of values");
}

void Array::require(DType type) const {
  if (type != dtype) {
    throw DataError(fmt::format("array has element type {}, expected {}", static_cast<int>(dtype),
                                static_cast<int>(type)));
  }
}

const Array& Record::array(const std::string& name) const {
  const auto it = arrays.find(name);
  if (it == arrays.end()) throw DataError(fmt::format("dataset '{}' is missing", name));
  return it->second;
}

namespace {
template <class T>
const T& attribute(const Record& record, const std::string& name, const char* kind) {
  const auto it = record.attributes.find(name);
  if (it == record.attributes.end())
    throw DataError(fmt::format("attribute '{}' is missing", name));
  const T* value = std::get_if<T>(&it->second);
  if (value == nullptr) throw DataError(fmt::format("attribute '{}' is not {}", name, kind));
  return *value;
}
}  // namespace

std::int64_t Record::integer(const std::string& name) const {
  return attribute<std::int64_t>(*this, name, "an integer");
}
double Record::number(const std::string& name) const {
  return attribute<double>(*this, name, "a number");
}
const std::string& Record::text(const std::string& name) const {
  return attribute<std::string>(*this, name, "a text");
}
const std::vector<double>& Record::numbers(const std::string& name) const {
  return attribute<std::vector<double>>(*this, name, "a list of numbers");
}

std::string content_digest(const Record& record) {
  Sha256 sha;
  for (const auto& [name, array] : record.arrays) {
    sha.update(fmt::format("{} {} {}\n", name, static_cast<int>(array.dtype),
                           fmt::join(array.shape, ",")));
    sha.update(array.bytes);
  }
  for (const auto& [name, value] : record.attributes) {
    sha.update(fmt::format("{} {} ", name, value.index()));
    std::visit(
        [&](const auto& v) {
          if constexpr (requires { v.at(0) + 0.5; })
            sha.update(fmt::format("{}\n", fmt::join(v, ",")));
          else
            sha.update(fmt::format("{}\n", v));
        },
        value);
  }
  return sha.finish();
}

}  // namespace mito
