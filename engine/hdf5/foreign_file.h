#pragma once
#include <cstdint>
#include <filesystem>

#include "engine/core/record.h"

/// HDF5 files that may come from anywhere. The HDF5 library crashes on some that are damaged, or
/// made to do so, so they are read by a process of their own, the program `mito_read_hdf5`, which
/// has limits and nothing to lose (ADR 0030).
namespace mito::store {

/// What is wanted of a file.
enum class Wanted : std::uint8_t {
  Record,      ///< All arrays and the attributes of the root.
  Attributes,  ///< The latter alone.
  Nothing,     ///< That all of it can be read.
};

/// Throws DataError naming the file and what is wrong with it; also when the reader died of it,
/// took too long or too much memory, or is not there.
Record read_foreign(const std::filesystem::path& file, Wanted wanted);

/// The program that reads them. Throws DataError when it is not there.
std::filesystem::path reader_program();

/// The reader's whole work, in its own process: reads `file` and sends what is wanted to
/// `descriptor`.
void serve_foreign(const std::filesystem::path& file, Wanted wanted, int descriptor);

}  // namespace mito::store
