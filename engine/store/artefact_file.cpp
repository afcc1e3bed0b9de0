#include "engine/store/artefact_file.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <numeric>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kSegmentFormat = 1;
constexpr const char* kParts = "parts";
constexpr const char* kAdvice = "; `mitoloom store verify` checks the whole store";

/// Equal as stored: a NaN equals itself.
bool same(const Attribute& a, const Attribute& b) {
  if (a.index() != b.index()) return false;
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  if (const auto* x = std::get_if<double>(&a)) return bits(*x) == bits(std::get<double>(b));
  if (const auto* x = std::get_if<std::vector<double>>(&a))
    return std::ranges::equal(*x, std::get<std::vector<double>>(b), {}, bits, bits);
  return a == b;
}

void check_name(const std::string& name) {
  if (name == kParts || name.starts_with("parts/"))
    throw DataError(fmt::format("the name '{}' is taken by the store's index of parts", name));
}

PartSchema::Column column_of(const std::string& name,
                             DType type,
                             const std::vector<std::uint64_t>& shape) {
  check_name(name);
  if (shape.empty())
    throw DataError(fmt::format("array '{}' has no rows to put one after the other", name));
  return {type, {shape.begin() + 1, shape.end()}};
}

std::string part_name(std::uint32_t part) { return fmt::format("{:010}", part); }

std::uint32_t part_number(const std::string& name) {
  std::uint32_t part = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), part);
  if (error != std::errc() || end != name.data() + name.size())
    throw DataError(fmt::format("group '{}' is no part", name));
  return part;
}

/// The attributes by which CLAM and its kin find their way in a table of points.
void describe_points(hid_t dataset,
                     const std::string& name,
                     const std::vector<std::uint64_t>& shape,
                     const std::map<std::string, Attribute>& attributes,
                     const std::string& item) {
  const bool points = name == "coords" || name.ends_with("/coords");
  if (!points || shape.size() != 2 || shape[1] != 2) return;
  h5::write_attribute(dataset, "level", std::int64_t{0});
  if (const auto mpp = attributes.find("mpp"); mpp != attributes.end())
    h5::write_attribute(dataset, "mpp", mpp->second);
  h5::write_attribute(dataset, "name", item);
  h5::write_attribute(dataset, "patch_level", std::int64_t{0});
}

}  // namespace

PartSchema schema_of(const Record& part) {
  PartSchema schema;
  schema.attributes = part.attributes;
  for (const auto& [name, array] : part.arrays)
    schema.columns[name] = column_of(name, array.dtype, array.shape);
  return schema;
}

std::string difference(const PartSchema& first, const PartSchema& other) {
  for (const auto& [name, column] : first.columns) {
    const auto it = other.columns.find(name);
    if (it == other.columns.end()) return fmt::format("array '{}' is missing", name);
    if (it->second != column)
      return fmt::format("array '{}' has another element type or row shape", name);
  }
  for (const auto& [name, column] : other.columns) {
    if (!first.columns.contains(name)) return fmt::format("array '{}' is new", name);
  }
  for (const auto& [name, value] : first.attributes) {
    const auto it = other.attributes.find(name);
    if (it == other.attributes.end()) return fmt::format("attribute '{}' is missing", name);
    if (!same(value, it->second)) return fmt::format("attribute '{}' has another value", name);
  }
  for (const auto& [name, value] : other.attributes) {
    if (!first.attributes.contains(name)) return fmt::format("attribute '{}' is new", name);
  }
  return {};
}

void write_segment(const fs::path& file,
                   const std::string& key,
                   std::uint32_t total,
                   const Parts& parts) {
  h5::in_file(file, [&] {
    h5::NewFile out(file, true);
    h5::write_attribute(out.id(), "format", kSegmentFormat);
    h5::write_attribute(out.id(), "key", key);
    h5::write_attribute(out.id(), "parts", std::int64_t{total});
    for (const auto& [part, record] : parts)
      h5::write_record(h5::create_group(out.id(), part_name(part)).id(), *record);
    out.close();
    out.commit();
  });
}

Segment::Segment(fs::path file, const std::string& key, std::uint32_t total, Check check)
    : file_(std::move(file)) {
  h5::in_file(file_, [&] {
    if (check == Check::Digest && !h5::seal_is_intact(file_))
      throw DataError("its bytes do not match its digest");
    handle_ = h5::open_read(file_);
    const Record about{{}, h5::read_attributes(handle_.id())};
    if (about.integer("format") != kSegmentFormat || about.text("key") != key ||
        about.integer("parts") != total)
      throw DataError("it belongs to another artefact");
    for (const auto& name : h5::group_names(handle_.id())) {
      parts_.push_back(part_number(name));
      if (parts_.back() >= total) throw DataError(fmt::format("part {} is too many", name));
    }
  });
}

Record Segment::read(std::uint32_t part) const {
  return h5::in_file(
      file_, [&] { return h5::read_record(h5::open_group(handle_.id(), part_name(part)).id()); });
}

std::pair<PartSchema, std::map<std::string, std::uint64_t>> Segment::look(
    std::uint32_t part) const {
  return h5::in_file(file_, [&] {
    const h5::Handle group = h5::open_group(handle_.id(), part_name(part));
    PartSchema schema;
    std::map<std::string, std::uint64_t> rows;
    schema.attributes = h5::read_attributes(group.id());
    for (const auto& name : h5::dataset_names(group.id())) {
      const h5::Shape stored = h5::shape_of(h5::open_dataset(group.id(), name).id());
      schema.columns[name] = column_of(name, stored.type, stored.shape);
      rows[name] = stored.shape.front();
    }
    return std::pair(schema, rows);
  });
}

void write_parts(const h5::NewFile& out,
                 const PartsPlan& plan,
                 const std::function<Record(std::uint32_t)>& read_part) {
  const hid_t file = out.id();
  for (const auto& [name, value] : plan.schema.attributes) h5::write_attribute(file, name, value);
  std::vector<std::uint32_t> index(plan.parts);
  std::iota(index.begin(), index.end(), 0U);
  h5::write_array(file, "parts/index", Array::of(index));
  std::map<std::string, h5::Handle> datasets;
  for (const auto& [name, column] : plan.schema.columns) {
    const auto& rows = plan.rows.at(name);
    h5::write_array(file, "parts/rows/" + name, Array::of(rows));
    std::vector<std::uint64_t> shape{std::accumulate(rows.begin(), rows.end(), std::uint64_t{0})};
    shape.insert(shape.end(), column.trailing.begin(), column.trailing.end());
    auto& dataset = datasets[name] = h5::create_dataset(file, name, column.type, shape);
    describe_points(dataset.id(), name, shape, plan.schema.attributes, plan.item);
  }
  std::map<std::string, std::uint64_t> next;
  for (std::uint32_t part = 0; part < plan.parts; ++part) {
    const Record record = read_part(part);
    for (const auto& [name, array] : record.arrays) {
      h5::write_rows(datasets.at(name).id(), next[name], array);
      next[name] += array.rows();
    }
    out.check();
  }
}

void write_whole(hid_t file, const Record& record, const std::string& item) {
  for (const auto& [name, array] : record.arrays) check_name(name);
  h5::write_record(file, record);
  for (const auto& [name, array] : record.arrays)
    describe_points(h5::open_dataset(file, name).id(), name, array.shape, record.attributes, item);
}

DataFile::DataFile(fs::path file) : file_(std::move(file)) {
  h5::in_file(
      file_,
      [&] {
        handle_ = h5::open_read(file_);
        if (h5::exists(handle_.id(), kParts)) open_parts();
      },
      kAdvice);
}

void DataFile::open_parts() {
  parts_ = static_cast<std::uint32_t>(h5::read_array(handle_.id(), "parts/index").rows());
  attributes_ = h5::read_attributes(handle_.id());
  for (const auto& name : h5::dataset_names(handle_.id())) {
    if (name.starts_with("parts/")) continue;
    Column column;
    column.dataset = h5::open_dataset(handle_.id(), name);
    column.shape = h5::shape_of(column.dataset.id());
    const Array rows = h5::read_array(handle_.id(), "parts/rows/" + name);
    const auto counts = rows.as<std::uint64_t>();
    column.ends.resize(counts.size());
    std::partial_sum(counts.begin(), counts.end(), column.ends.begin());
    const std::uint64_t total = column.ends.empty() ? 0 : column.ends.back();
    if (counts.size() != *parts_ || column.shape.shape.empty() ||
        column.shape.shape.front() != total)
      throw DataError(fmt::format("dataset '{}' does not fit the index of parts", name));
    columns_.emplace(name, std::move(column));
  }
}

Record DataFile::load(std::uint32_t part) const {
  return h5::in_file(
      file_,
      [&] {
        if (!parts_) return h5::read_record(handle_.id());
        if (part >= *parts_) throw DataError(fmt::format("there is no part {}", part));
        Record record;
        record.attributes = attributes_;
        for (const auto& [name, column] : columns_) {
          const std::uint64_t first = part == 0 ? 0 : column.ends[part - 1];
          record.arrays[name] =
              h5::read_rows(column.dataset.id(), column.shape, first, column.ends[part] - first);
        }
        return record;
      },
      kAdvice);
}

}  // namespace mito::store
