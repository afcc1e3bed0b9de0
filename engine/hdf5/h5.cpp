#include "engine/hdf5/h5.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <new>
#include <numeric>
#include <stdexcept>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/system_failure.h"
#include "engine/hdf5/write_driver.h"

namespace mito::store::h5 {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kSealBytes = 512;
constexpr std::uint64_t kContiguousBytes = 4096;
constexpr std::uint64_t kChunkBytes = std::uint64_t{64} << 10;
constexpr std::uint64_t kMaxRowChunkBytes = std::uint64_t{1} << 20;
constexpr std::size_t kChunkCacheBytes = std::size_t{4} << 20;
constexpr std::size_t kChunkCacheSlots = 1009;
constexpr int kMaxDepth = 16;

herr_t keep_innermost(unsigned n, const H5E_error2_t* error, void* out) {
  if (n == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
  return 0;
}

/// The innermost message of the error stack; of a failed system call only the system's words,
/// because the rest holds addresses and the time of day.
std::string reason() {
  std::string text = "unknown error";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
  constexpr std::string_view kMark = "error message = '";
  const auto start = text.find(kMark);
  if (start == std::string::npos) return text;
  const auto from = start + kMark.size();
  return text.substr(from, text.find('\'', from) - from);
}

[[noreturn]] void fail(const std::string& what) {
  throw DataError(fmt::format("cannot {}: {}", what, reason()));
}

hid_t file_type(DType type) {
  switch (type) {
    case DType::U8:
      return H5T_STD_U8LE;
    case DType::U16:
      return H5T_STD_U16LE;
    case DType::I32:
      return H5T_STD_I32LE;
    case DType::U32:
      return H5T_STD_U32LE;
    case DType::I64:
      return H5T_STD_I64LE;
    case DType::U64:
      return H5T_STD_U64LE;
    case DType::F32:
      return H5T_IEEE_F32LE;
    case DType::F64:
      return H5T_IEEE_F64LE;
  }
  throw std::logic_error("unknown DType");
}

/// The element type a Record uses for what a file holds; files of other programs may be wider.
DType stored_type(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  const std::size_t size = H5Tget_size(type);
  if (kind == H5T_FLOAT) return size <= 4 ? DType::F32 : DType::F64;
  if (kind == H5T_ENUM) return DType::U8;  // h5py's bool
  if (kind == H5T_INTEGER && size <= 8) {
    const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
    if (is_signed) return size <= 4 ? DType::I32 : DType::I64;
    if (size == 1) return DType::U8;
    if (size == 2) return DType::U16;
    return size <= 4 ? DType::U32 : DType::U64;
  }
  throw DataError("its elements are not plain numbers");
}

std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  std::uint64_t count = 1;
  for (const auto n : shape) {
    if (__builtin_mul_overflow(count, n, &count)) throw DataError("its shape is impossibly large");
  }
  return count;
}

/// The values of a dataset are in its own file: not in others that it names.
void require_own_values(hid_t dataset) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose, "look at a dataset");
  if (H5Pget_layout(creation.id()) == H5D_VIRTUAL || H5Pget_external_count(creation.id()) > 0)
    throw DataError("its values are in other files, which are not read");
}

Handle make_space(const std::vector<std::uint64_t>& shape) {
  if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose, "describe a scalar"};
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose,
          "describe a shape"};
}

/// Selects rows in the file's space; the space of memory is the same rows alone.
Handle select_rows(hid_t dataset,
                   const std::vector<std::uint64_t>& shape,
                   std::uint64_t first,
                   std::uint64_t rows) {
  Handle space(H5Dget_space(dataset), H5Sclose, "get a shape");
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> count(shape.begin(), shape.end());
  start.front() = first;
  count.front() = rows;
  check(
      H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      "select rows");
  return space;
}

Handle text_type(H5T_cset_t encoding) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
  check(H5Tset_size(type.id(), H5T_VARIABLE), "make a text type");
  check(H5Tset_cset(type.id(), encoding), "make a text type");
  return type;
}

Handle make_attribute(hid_t where, const std::string& name, hid_t type, hid_t space) {
  return {H5Acreate2(where, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
          fmt::format("write attribute '{}'", name)};
}

void write_value(hid_t where, const std::string& name, std::int64_t value) {
  const Handle space = make_space({});
  const Handle attribute = make_attribute(where, name, H5T_STD_I64LE, space.id());
  check(H5Awrite(attribute.id(), H5T_NATIVE_INT64, &value), "write an attribute");
}

void write_value(hid_t where, const std::string& name, double value) {
  const Handle space = make_space({});
  const Handle attribute = make_attribute(where, name, H5T_IEEE_F64LE, space.id());
  check(H5Awrite(attribute.id(), H5T_NATIVE_DOUBLE, &value), "write an attribute");
}

void write_value(hid_t where, const std::string& name, const std::string& value) {
  if (value.find('\0') != std::string::npos)
    throw DataError(fmt::format("attribute '{}' holds a zero byte, which is no text", name));
  const Handle space = make_space({});
  const Handle type = text_type(H5T_CSET_UTF8);
  const Handle attribute = make_attribute(where, name, type.id(), space.id());
  const char* text = value.c_str();
  check(H5Awrite(attribute.id(), type.id(), &text), "write an attribute");
}

void write_value(hid_t where, const std::string& name, const std::vector<double>& value) {
  const Handle space = make_space({value.size()});
  const Handle attribute = make_attribute(where, name, H5T_IEEE_F64LE, space.id());
  if (value.empty()) return;
  check(H5Awrite(attribute.id(), H5T_NATIVE_DOUBLE, value.data()), "write an attribute");
}

std::string read_text_attribute(hid_t attribute, hid_t type) {
  if (H5Tis_variable_str(type) > 0) {
    const Handle memory = text_type(H5Tget_cset(type));
    char* text = nullptr;
    check(H5Aread(attribute, memory.id(), &text), "read a text");
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(type), '\0');
  check(H5Aread(attribute, type, value.data()), "read a text");
  value.resize(std::min(value.find('\0'), value.size()));
  if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) value.resize(value.find_last_not_of(' ') + 1);
  return value;
}

Attribute read_attribute(hid_t attribute) {
  const Handle type(H5Aget_type(attribute), H5Tclose, "get a type");
  const Handle space(H5Aget_space(attribute), H5Sclose, "get a shape");
  const H5S_class_t form = H5Sget_simple_extent_type(space.id());
  const H5T_class_t kind = H5Tget_class(type.id());
  const auto points = H5Sget_simple_extent_npoints(space.id());
  if (points < 0) fail("get a shape");
  const auto count = static_cast<std::size_t>(points);
  if (kind == H5T_STRING) {
    if (form == H5S_NULL) return std::string();
    if (count != 1) throw DataError("it is a list of texts");
    return read_text_attribute(attribute, type.id());
  }
  if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM)
    throw DataError("it is neither a number nor a text");
  if (form == H5S_SCALAR && kind != H5T_FLOAT) {
    std::int64_t value = 0;
    check(H5Aread(attribute, H5T_NATIVE_INT64, &value), "read an integer");
    return value;
  }
  if (form == H5S_SCALAR) {
    double value = 0;
    check(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value), "read a number");
    return value;
  }
  std::vector<double> values(form == H5S_NULL ? 0 : count);
  if (!values.empty())
    check(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), "read a list of numbers");
  return values;
}

/// Names of hard links in a group, sorted; soft and external links are not ours to follow.
std::vector<std::string> link_names(hid_t group) {
  H5G_info_t info{};
  check(H5Gget_info(group, &info), "list a group");
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto length =
        H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    if (length < 0) fail("list a group");
    std::string name(static_cast<std::size_t>(length), '\0');
    H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size() + 1,
                       H5P_DEFAULT);
    H5L_info_t link{};
    check(H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT), "look at a link");
    if (link.type == H5L_TYPE_HARD) names.push_back(std::move(name));
  }
  return names;
}

void collect_datasets(hid_t group,
                      const std::string& prefix,
                      int depth,
                      std::vector<std::string>& out) {
  if (depth > kMaxDepth) throw DataError("groups are nested too deeply");
  for (const auto& name : link_names(group)) {
    const Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose, "open an object");
    const H5I_type_t kind = H5Iget_type(object.id());
    if (kind == H5I_DATASET) out.push_back(prefix + name);
    if (kind == H5I_GROUP) collect_datasets(object.id(), prefix + name + "/", depth + 1, out);
  }
}

std::string seal_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(kSealBytes);
  Sha256 digest;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  std::string text = "mitoloom segment 1\nsha256 of the bytes after these 512: " + digest.finish();
  text += '\n';
  text.resize(kSealBytes, '\0');
  return text;
}

void write_seal(const fs::path& file) {
  const std::string seal = seal_text(file);
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.write(seal.data(), static_cast<std::streamsize>(seal.size()));
  out.close();
  if (!out) throw SystemFailure(fmt::format("{}: its digest cannot be written", file.string()));
}

}  // namespace

Handle::Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
  if (id < 0) fail(what);
}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  return *this;
}

Handle::~Handle() {
  if (id_ >= 0) close_(id_);
}

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

void check(herr_t status, const std::string& what) {
  if (status < 0) fail(what);
}

void rethrow_with_file(const fs::path& file, const std::string& advice) {
  const auto complain = [&](const std::string& what) {
    throw DataError(fmt::format("'{}': {}{}", file.string(), what, advice));
  };
  try {
    throw;
  } catch (const SystemFailure&) {
    throw;  // it names the file, which is not to blame
  } catch (const DataError& error) {
    complain(error.what());
  } catch (const std::bad_alloc&) {
    complain("not enough memory for what it claims to hold");
  } catch (const std::length_error&) {
    complain("its shape is impossibly large");
  }
  throw std::logic_error("unreachable");
}

Handle open_read(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw DataError("no such file");
  if (H5Fis_hdf5(file.c_str()) == 0) throw DataError("it is not an HDF5 file, or is cut off");
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "prepare reading");
  // Finished files never change, and some network file systems have no locks.
  check(H5Pset_file_locking(access.id(), false, true), "prepare reading");
  return {H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, "open it"};
}

bool seal_is_intact(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string seal(kSealBytes, '\0');
  in.read(seal.data(), static_cast<std::streamsize>(seal.size()));
  return in && seal == seal_text(file);
}

std::uint64_t bytes_of(DType type, const std::vector<std::uint64_t>& shape) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(product(shape), size_of(type), &bytes))
    throw DataError("its shape is impossibly large");
  return bytes;
}

std::vector<hsize_t> chunk_shape(DType type, const std::vector<std::uint64_t>& shape) {
  const std::uint64_t element = size_of(type);
  const std::uint64_t bytes = bytes_of(type, shape);
  if (bytes <= kContiguousBytes || shape.empty()) return {};
  const std::uint64_t row_bytes = bytes / shape.front();
  std::uint64_t budget = kChunkBytes;
  if (row_bytes > budget && row_bytes <= kMaxRowChunkBytes) budget = row_bytes;
  budget /= element;
  std::vector<hsize_t> chunk(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    chunk[axis] = std::clamp<hsize_t>(budget, 1, shape[axis]);
    budget /= chunk[axis];
  }
  return chunk;
}

hid_t memory_type(DType type) {
  switch (type) {
    case DType::U8:
      return H5T_NATIVE_UINT8;
    case DType::U16:
      return H5T_NATIVE_UINT16;
    case DType::I32:
      return H5T_NATIVE_INT32;
    case DType::U32:
      return H5T_NATIVE_UINT32;
    case DType::I64:
      return H5T_NATIVE_INT64;
    case DType::U64:
      return H5T_NATIVE_UINT64;
    case DType::F32:
      return H5T_NATIVE_FLOAT;
    case DType::F64:
      return H5T_NATIVE_DOUBLE;
  }
  throw std::logic_error("unknown DType");
}

namespace {
Handle dataset_access() {
  Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "prepare a dataset");
  check(H5Pset_chunk_cache(access.id(), kChunkCacheSlots, kChunkCacheBytes, 1.0),
        "prepare a dataset");
  return access;
}
}  // namespace

Handle create_dataset(hid_t where,
                      const std::string& name,
                      DType type,
                      const std::vector<std::uint64_t>& shape) {
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "prepare a dataset");
  check(H5Pset_create_intermediate_group(links.id(), 1), "prepare a dataset");
  check(H5Pset_char_encoding(links.id(), H5T_CSET_UTF8), "prepare a dataset");
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "prepare a dataset");
  check(H5Pset_obj_track_times(creation.id(), false), "prepare a dataset");
  if (const auto chunk = chunk_shape(type, shape); !chunk.empty()) {
    check(H5Pset_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data()),
          "prepare a dataset");
    check(H5Pset_shuffle(creation.id()), "prepare a dataset");
    check(H5Pset_deflate(creation.id(), 1), "prepare a dataset");
  }
  const Handle space = make_space(shape);
  const Handle access = dataset_access();
  return {H5Dcreate2(where, name.c_str(), file_type(type), space.id(), links.id(), creation.id(),
                     access.id()),
          H5Dclose, fmt::format("write dataset '{}'", name)};
}

Handle open_dataset(hid_t where, const std::string& name) {
  const Handle access = dataset_access();
  Handle dataset(H5Dopen2(where, name.c_str(), access.id()), H5Dclose,
                 fmt::format("open dataset '{}'", name));
  require_own_values(dataset.id());
  return dataset;
}

Shape shape_of(hid_t dataset) {
  const Handle type(H5Dget_type(dataset), H5Tclose, "get a type");
  const Handle space(H5Dget_space(dataset), H5Sclose, "get a shape");
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL) throw DataError("it holds nothing");
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank < 0) fail("get a shape");
  std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
  if (rank > 0) check(H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr), "get a shape");
  return {stored_type(type.id()), {dims.begin(), dims.end()}};
}

void write_rows(hid_t dataset, std::uint64_t first, const Array& rows) {
  if (rows.bytes.empty()) return;
  const Handle selection = select_rows(dataset, rows.shape, first, rows.rows());
  const Handle memory = make_space(rows.shape);
  check(H5Dwrite(dataset, memory_type(rows.dtype), memory.id(), selection.id(), H5P_DEFAULT,
                 rows.bytes.data()),
        "write rows");
}

Array read_rows(hid_t dataset, const Shape& stored, std::uint64_t first, std::uint64_t rows) {
  Array array{stored.type, stored.shape, {}};
  if (array.shape.empty()) throw DataError("it has no rows");
  array.shape.front() = rows;
  array.bytes.resize(bytes_of(array.dtype, array.shape));
  if (array.bytes.empty()) return array;
  const Handle selection = select_rows(dataset, array.shape, first, rows);
  const Handle memory = make_space(array.shape);
  check(H5Dread(dataset, memory_type(array.dtype), memory.id(), selection.id(), H5P_DEFAULT,
                array.bytes.data()),
        "read rows");
  return array;
}

void write_array(hid_t where, const std::string& name, const Array& array) {
  const Handle dataset = create_dataset(where, name, array.dtype, array.shape);
  if (array.bytes.empty()) return;
  check(H5Dwrite(dataset.id(), memory_type(array.dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 array.bytes.data()),
        fmt::format("write dataset '{}'", name));
}

Array read_array(hid_t where, const std::string& name) {
  const Handle dataset = open_dataset(where, name);
  try {
    const Shape stored = shape_of(dataset.id());
    Array array{stored.type, stored.shape, {}};
    array.bytes.resize(bytes_of(array.dtype, array.shape));
    if (array.bytes.empty()) return array;
    check(H5Dread(dataset.id(), memory_type(array.dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                  array.bytes.data()),
          "read it");
    return array;
  } catch (const DataError& error) {
    throw DataError(fmt::format("dataset '{}': {}", name, error.what()));
  }
}

void write_attribute(hid_t where, const std::string& name, const Attribute& value) {
  std::visit([&](const auto& v) { write_value(where, name, v); }, value);
}

std::map<std::string, Attribute> read_attributes(hid_t where) {
  H5O_info_t info{};
  check(H5Oget_info2(where, &info, H5O_INFO_NUM_ATTRS), "list attributes");
  std::map<std::string, Attribute> out;
  for (hsize_t i = 0; i < info.num_attrs; ++i) {
    const Handle attribute(
        H5Aopen_by_idx(where, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, "open an attribute");
    const auto length = H5Aget_name(attribute.id(), 0, nullptr);
    if (length < 0) fail("get an attribute's name");
    std::string name(static_cast<std::size_t>(length), '\0');
    H5Aget_name(attribute.id(), name.size() + 1, name.data());
    try {
      out[name] = read_attribute(attribute.id());
    } catch (const DataError& error) {
      throw DataError(fmt::format("attribute '{}': {}", name, error.what()));
    }
  }
  return out;
}

std::vector<std::string> dataset_names(hid_t group) {
  std::vector<std::string> names;
  collect_datasets(group, "", 0, names);
  return names;
}

std::vector<std::string> group_names(hid_t group) {
  std::vector<std::string> names;
  for (auto& name : link_names(group)) {
    const Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose, "open an object");
    if (H5Iget_type(object.id()) == H5I_GROUP) names.push_back(std::move(name));
  }
  return names;
}

Handle create_group(hid_t where, const std::string& name) {
  return {H5Gcreate2(where, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
          fmt::format("make group '{}'", name)};
}

Handle open_group(hid_t where, const std::string& name) {
  return {H5Gopen2(where, name.c_str(), H5P_DEFAULT), H5Gclose,
          fmt::format("open group '{}'", name)};
}

bool exists(hid_t where, const std::string& name) {
  return H5Lexists(where, name.c_str(), H5P_DEFAULT) > 0;
}

void write_record(hid_t group, const Record& record) {
  for (const auto& [name, value] : record.attributes) write_attribute(group, name, value);
  for (const auto& [name, array] : record.arrays) write_array(group, name, array);
}

Record read_record(hid_t group) {
  Record record;
  record.attributes = read_attributes(group);
  for (const auto& name : dataset_names(group)) record.arrays[name] = read_array(group, name);
  return record;
}

NewFile::NewFile(fs::path target, bool sealed)
    : target_(std::move(target)), file_(target_), sealed_(sealed) {
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "prepare a file");
  if (sealed) h5::check(H5Pset_userblock(creation.id(), kSealBytes), "prepare a file");
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "prepare a file");
  use_write_driver(access.id(), &fault_);
  id_ = H5Fcreate(part().c_str(), H5F_ACC_TRUNC, creation.id(), access.id());
  check();
  if (id_ < 0) fail("write it");
}

NewFile::~NewFile() {
  if (id_ >= 0) H5Fclose(id_);
}

void NewFile::check() const {
  if (fault_ != 0)
    throw SystemFailure(
        fmt::format("{}: cannot be written: {}", target_.string(), errno_text(fault_)));
}

void NewFile::close() {
  h5::check(H5Fclose(std::exchange(id_, H5I_INVALID_HID)), "write it");
  check();
  if (sealed_) write_seal(part());
}

}  // namespace mito::store::h5
