#include "engine/hdf5/record_file.h"

#include <spdlog/fmt/fmt.h>

#include "engine/hdf5/h5.h"

namespace mito::store {

void write_record(const std::filesystem::path& file, const Record& record) {
  h5::in_file(file, [&] {
    h5::NewFile out(file, false);
    h5::write_record(out.id(), record);
    out.close();
    out.publish();
  });
}

Record read_record(const std::filesystem::path& file) {
  return h5::in_file(file, [&] {
    const h5::Handle in = h5::open_read(file);
    return h5::read_record(in.id());
  });
}

std::map<std::string, Attribute> read_attributes(const std::filesystem::path& file) {
  return h5::in_file(file, [&] {
    const h5::Handle in = h5::open_read(file);
    return h5::read_attributes(in.id());
  });
}

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace mito::store
