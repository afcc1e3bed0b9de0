#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <hdf5.h>

#include "engine/core/atomic_file.h"
#include "engine/core/record.h"

/// The HDF5 C interface behind owning handles and exceptions. Private to engine/store: no other
/// folder sees an HDF5 type. Everything here throws DataError without a file name; callers wrap
/// their work in `in_file`.
namespace mito::store::h5 {

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  /// Throws DataError "cannot <what>: <HDF5's reason>" when `id` is negative.
  Handle(hid_t id, Close close, const std::string& what);
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  hid_t id() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Switches off HDF5's printing of errors in the calling thread (the setting is per thread).
void silence();

/// Throws DataError "cannot <what>: <HDF5's reason>" when `status` is negative.
void check(herr_t status, const std::string& what);

/// Runs `work` and adds the file's name to a DataError, and to a failure to get memory for sizes
/// that a damaged file claims.
[[noreturn]] void rethrow_with_file(const std::filesystem::path& file, const std::string& advice);
template <class Work>
auto in_file(const std::filesystem::path& file, Work&& work, const std::string& advice = {}) {
  silence();
  try {
    return work();
  } catch (...) {
    rethrow_with_file(file, advice);
  }
}

Handle open_read(const std::filesystem::path& file);

/// True when the digest in the first 512 bytes of a sealed file matches the rest.
bool seal_is_intact(const std::filesystem::path& file);

/// Of an array. Throws DataError where that is no number of 64 bits: HDF5 multiplies without
/// looking.
std::uint64_t bytes_of(DType type, const std::vector<std::uint64_t>& shape);

/// The shape of chunks: whole rows, about 64 KiB; one row when a row is 64 KiB to 1 MiB; parts of a
/// row above. Depends on nothing but the arguments. Empty means: stored contiguously.
std::vector<hsize_t> chunk_shape(DType type, const std::vector<std::uint64_t>& shape);

hid_t memory_type(DType type);

/// A dataset of fixed extent, shuffled and deflated when larger than 4 KiB; `name` may hold '/'.
Handle create_dataset(hid_t where,
                      const std::string& name,
                      DType type,
                      const std::vector<std::uint64_t>& shape);
Handle open_dataset(hid_t where, const std::string& name);

/// Element type and shape of a dataset, as a Record would hold them.
struct Shape {
  DType type = DType::U8;
  std::vector<std::uint64_t> shape;
  bool operator==(const Shape&) const = default;
};
Shape shape_of(hid_t dataset);

/// Rows [first, first + rows) along axis 0.
void write_rows(hid_t dataset, std::uint64_t first, const Array& rows);
Array read_rows(hid_t dataset, const Shape& stored, std::uint64_t first, std::uint64_t rows);

void write_array(hid_t where, const std::string& name, const Array& array);
Array read_array(hid_t where, const std::string& name);

void write_attribute(hid_t where, const std::string& name, const Attribute& value);
std::map<std::string, Attribute> read_attributes(hid_t where);

/// Names of all datasets below a group, relative to it, sorted; groups are walked.
std::vector<std::string> dataset_names(hid_t group);
/// Names of the groups directly in a group, sorted.
std::vector<std::string> group_names(hid_t group);
Handle create_group(hid_t where, const std::string& name);
Handle open_group(hid_t where, const std::string& name);
bool exists(hid_t where, const std::string& name);

void write_record(hid_t group, const Record& record);
Record read_record(hid_t group);

/// A file that appears under its name only when it is whole: an AtomicFile written by HDF5. With
/// `sealed`, 512 bytes in front of the HDF5 data carry a digest of the rest.
class NewFile {
 public:
  NewFile(std::filesystem::path target, bool sealed);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  hid_t id() const { return id_; }
  /// Throws SystemFailure when something could not be written (a full disk): writing itself is
  /// silent.
  void check() const;
  /// Closes it; afterwards the part holds the final bytes.
  void close();
  /// Gives the closed file its name.
  void commit() { file_.commit(); }
  const std::filesystem::path& part() const { return file_.part(); }

 private:
  std::filesystem::path target_;
  AtomicFile file_;
  bool sealed_;
  int fault_ = 0;  ///< errno of the first failed write.
  hid_t id_ = H5I_INVALID_HID;
};

}  // namespace mito::store::h5
