#include "nodes/detector/training/checkpoint.h"

#include "engine/hdf5/record_file.h"

namespace mito::nn {

void save_checkpoint(const std::filesystem::path& file, const Record& record) {
  std::filesystem::create_directories(file.parent_path());
  store::write_record(file, record);
}

std::optional<Record> load_checkpoint(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return store::read_record(file);
}

}  // namespace mito::nn
