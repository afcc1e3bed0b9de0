#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/record.h"
#include "engine/hdf5/h5.h"

/// The two kinds of HDF5 files of an artefact: segments (a few parts each, while it is unfinished)
/// and the data file (all of it). Layouts: schemas/store/README.md.
namespace mito::store {

/// What all parts of an artefact have in common.
struct PartSchema {
  struct Column {
    DType type = DType::U8;
    std::vector<std::uint64_t> trailing;  ///< Shape without the first axis.
    bool operator==(const Column&) const = default;
  };
  std::map<std::string, Column> columns;
  std::map<std::string, Attribute> attributes;
};

/// Throws DataError for an array without rows (a scalar) and for names below "parts".
PartSchema schema_of(const Record& part);

/// In words, how a part's schema departs from the first one's; empty when it does not.
std::string difference(const PartSchema& first, const PartSchema& other);

using Parts = std::map<std::uint32_t, std::shared_ptr<const Record>>;

/// Writes some parts as one sealed file. `key` and `total` tie it to its artefact. Throws
/// DataError.
void write_segment(const std::filesystem::path& file,
                   const std::string& key,
                   std::uint32_t total,
                   const Parts& parts);

/// A segment open for reading.
class Segment {
 public:
  enum class Check { Digest, Trust };
  /// Throws DataError when the file is damaged or belongs to another artefact. `Trust` leaves out
  /// the digest, for files that this process wrote or checked.
  Segment(std::filesystem::path file, const std::string& key, std::uint32_t total, Check check);
  const std::vector<std::uint32_t>& parts() const { return parts_; }
  Record read(std::uint32_t part) const;
  /// Schema and number of rows of a part, without reading its arrays.
  std::pair<PartSchema, std::map<std::string, std::uint64_t>> look(std::uint32_t part) const;

 private:
  std::filesystem::path file_;
  h5::Handle handle_;
  std::vector<std::uint32_t> parts_;
};

/// What the data file of a per-part artefact will hold.
struct PartsPlan {
  std::uint32_t parts = 0;
  PartSchema schema;                                       ///< Empty when there are no parts.
  std::map<std::string, std::vector<std::uint64_t>> rows;  ///< Of every array, per part.
  std::string item;
};

/// Fills the data file of a per-part artefact, reading one part at a time in part order, so memory
/// is bounded and the bytes depend on the content alone.
void write_parts(const h5::NewFile& out,
                 const PartsPlan& plan,
                 const std::function<Record(std::uint32_t)>& read_part);

/// Fills the data file of an artefact that is one record.
void write_whole(hid_t file, const Record& record, const std::string& item);

/// A finished data file, opened once.
class DataFile {
 public:
  /// Throws DataError naming the file and `mitoloom store verify` when it is damaged.
  explicit DataFile(std::filesystem::path file);
  /// Number of parts; empty when the file is one record.
  std::optional<std::uint32_t> parts() const { return parts_; }
  /// Reads the rows of one part, or the record when the file has no parts.
  Record load(std::uint32_t part) const;

 private:
  struct Column {
    h5::Handle dataset;
    h5::Shape shape;
    std::vector<std::uint64_t> ends;  ///< Running sum of rows: part i is [ends[i-1], ends[i]).
  };
  void open_parts();

  std::filesystem::path file_;
  h5::Handle handle_;
  std::optional<std::uint32_t> parts_;
  std::map<std::string, Column> columns_;
  std::map<std::string, Attribute> attributes_;
};

}  // namespace mito::store
