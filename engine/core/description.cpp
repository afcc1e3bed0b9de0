#include "engine/core/description.h"

#include <array>
#include <functional>
#include <numeric>

#include <spdlog/fmt/fmt.h>

namespace mito {
namespace {

constexpr std::array<std::string_view, 10> kWords{"no",   "one", "two",   "three", "four",
                                                  "five", "six", "seven", "eight", "nine"};

std::string_view name_of(DType type) {
  constexpr std::array<std::string_view, 8> kNames{"uint8", "uint16", "int32",   "uint32",
                                                   "int64", "uint64", "float32", "float64"};
  return kNames.at(static_cast<std::size_t>(type));
}

constexpr std::array<std::string_view, 4> kAttributes{"int64", "float64", "text",
                                                      "list of float64"};

}  // namespace

namespace described {

void read(const Record& record, const std::string& name, std::string& member) {
  member = record.text(name);
}
void read(const Record& record, const std::string& name, double& member) {
  member = record.number(name);
}

LayoutRow attribute_row(const std::string& name, const Attribute& example, const Meaning& meaning) {
  return {false, name, std::string(kAttributes.at(example.index())), std::string(meaning.unit),
          std::string(meaning.help)};
}

LayoutRow numbers_row(const std::string& name, std::size_t count, const Meaning& meaning) {
  return {false, name, fmt::format("float64 [{}]", count), std::string(meaning.unit),
          std::string(meaning.help)};
}

LayoutRow array_row(const std::string& name,
                    DType type,
                    const std::string& shape,
                    const Meaning& meaning) {
  return {true, name, fmt::format("{} {}", name_of(type), shape), std::string(meaning.unit),
          std::string(meaning.help)};
}

LayoutRow texts_row(const std::string& name, const std::string& count, const Meaning& meaning) {
  return {true, name, fmt::format("{} texts", count), std::string(meaning.unit),
          std::string(meaning.help)};
}

std::string shape_text(const std::string& rows, std::size_t columns) {
  return columns == 1 ? fmt::format("[{}]", rows) : fmt::format("[{}, {}]", rows, columns);
}

std::string with_names(std::string_view help, std::span<const std::string_view> names) {
  std::string text(help.substr(0, help.size() - (help.ends_with('.') ? 1 : 0)));
  for (std::size_t i = 0; i < names.size(); ++i)
    text += fmt::format("{} {} {}", i == 0 ? ":" : ",", i, names[i]);
  return text + '.';
}

void require_numbers(std::string_view kind,
                     const std::string& name,
                     std::size_t found,
                     std::size_t expected,
                     const std::string& wording) {
  if (found == expected) return;
  throw DataError(!wording.empty()
                      ? wording
                      : fmt::format("{} '{}' needs {} numbers", kind, name, kWords.at(expected)));
}

void require_shape(std::size_t found,
                   std::span<const std::uint64_t> shape,
                   const std::string& misfit) {
  if (found != std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>()))
    throw DataError(misfit);
}

std::size_t rows_of(const std::string& name,
                    std::size_t values,
                    std::size_t columns,
                    std::optional<std::size_t> expected,
                    const std::string& uneven) {
  const auto found = values / columns;
  if (values % columns != 0 || found != expected.value_or(found))
    throw DataError(fmt::format(fmt::runtime(uneven), name, found, expected.value_or(found)));
  return found;
}

}  // namespace described

void require_rows(std::string_view name, std::size_t found, std::size_t expected) {
  if (found != expected)
    throw DataError(fmt::format("dataset '{}' has {} rows, expected {}", name, found, expected));
}

}  // namespace mito
