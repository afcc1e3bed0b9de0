#include "engine/hdf5/record_file.h"

#include <spdlog/fmt/fmt.h>

#include "engine/hdf5/foreign_file.h"
#include "engine/hdf5/h5.h"

namespace mito::store {

void write_record(const std::filesystem::path& file, const Record& record) {
  h5::in_file(file, [&] {
    h5::NewFile out(file, false);
    h5::write_record(out.id(), record);
    out.close();
    out.commit();
  });
}

Record read_record(const std::filesystem::path& file) { return read_foreign(file, Wanted::Record); }

std::map<std::string, Attribute> read_attributes(const std::filesystem::path& file) {
  return read_foreign(file, Wanted::Attributes).attributes;
}

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace mito::store
