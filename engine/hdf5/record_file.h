#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "engine/core/record.h"

namespace mito::store {

/// Writes a record as one HDF5 file: a dataset per array (shuffle + deflate when large), attributes
/// on the root group. Temporary name, flush, fsync, rename: the file is complete or absent. The
/// same record gives the same bytes. Throws DataError.
void write_record(const std::filesystem::path& file, const Record& record);

/// Reads what write_record wrote (or any HDF5 file of that shape, e.g. made with h5py), in a
/// process of its own, since it may come from anywhere (foreign_file.h). Throws DataError naming
/// the file when it is missing, truncated, not HDF5, or more than the HDF5 library can bear.
Record read_record(const std::filesystem::path& file);

/// The attributes alone, without reading the arrays. Throws as read_record() does.
std::map<std::string, Attribute> read_attributes(const std::filesystem::path& file);

/// "1.10.8": the HDF5 library in use.
std::string hdf5_version();

}  // namespace mito::store
