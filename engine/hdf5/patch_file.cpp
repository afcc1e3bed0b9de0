#include "engine/hdf5/patch_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/hdf5/files.h"
#include "engine/hdf5/h5.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDataset = "rgb";
constexpr const char* kIdentity = "identity";

std::vector<std::uint64_t> shape_of(const PatchFileInfo& info) {
  const auto side = static_cast<std::uint64_t>(info.size_px);
  return {info.count, side, side, 3};
}

/// Contiguous and allocated at once, so that it has one place in the file.
h5::Handle create(hid_t file, const PatchFileInfo& info) {
  const h5::Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "prepare a dataset");
  h5::check(H5Pset_layout(creation.id(), H5D_CONTIGUOUS), "prepare a dataset");
  h5::check(H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY), "prepare a dataset");
  h5::check(H5Pset_fill_time(creation.id(), H5D_FILL_TIME_NEVER), "prepare a dataset");
  h5::check(H5Pset_obj_track_times(creation.id(), false), "prepare a dataset");
  const auto shape = shape_of(info);
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const h5::Handle space(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
                         H5Sclose, "describe a shape");
  return {
      H5Dcreate2(file, kDataset, H5T_STD_U8LE, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
      H5Dclose, "write dataset 'rgb'"};
}

}  // namespace

struct PatchFileWriter::Impl {
  Impl(const fs::path& target, const PatchFileInfo& what)
      : path(target), info(what), file(target, false), dataset(create(file.id(), what)) {
    h5::write_attribute(file.id(), kIdentity, what.identity);
  }

  fs::path path;
  PatchFileInfo info;
  h5::NewFile file;
  h5::Handle dataset;
  std::uint64_t written = 0;
};

PatchFileWriter::PatchFileWriter(const fs::path& file, const PatchFileInfo& info) {
  if (info.count == 0 || info.size_px <= 0)
    throw DataError(fmt::format("'{}': there is no patch to write", file.string()));
  make_folder(file.parent_path());
  impl_ = h5::in_file(file, [&] { return std::make_unique<Impl>(file, info); });
}

PatchFileWriter::~PatchFileWriter() = default;

void PatchFileWriter::add(std::span<const std::uint8_t> rgb) {
  h5::in_file(impl_->path, [&] {
    const std::uint64_t rows = rgb.size() / impl_->info.patch_bytes();
    if (rgb.size() % impl_->info.patch_bytes() != 0 || impl_->written + rows > impl_->info.count)
      throw DataError(fmt::format("{} bytes are not the next whole patches of {}", rgb.size(),
                                  impl_->info.count));
    auto shape = shape_of(impl_->info);
    shape.front() = rows;
    h5::write_rows(impl_->dataset.id(), impl_->written, Array::of(rgb, shape));
    impl_->file.check();
    impl_->written += rows;
  });
}

void PatchFileWriter::finish() {
  h5::in_file(impl_->path, [&] {
    if (impl_->written != impl_->info.count)
      throw DataError(
          fmt::format("{} of {} patches were written", impl_->written, impl_->info.count));
    impl_->dataset = {};
    impl_->file.close();
    impl_->file.commit();
  });
}

std::shared_ptr<const PatchFile> PatchFile::open(const fs::path& file,
                                                 const PatchFileInfo& wanted) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return nullptr;
  return h5::in_file(file, [&]() -> std::shared_ptr<const PatchFile> {
    const h5::Handle in = h5::open_read(file);
    const auto attributes = h5::read_attributes(in.id());
    const auto identity = attributes.find(kIdentity);
    if (identity == attributes.end() || identity->second != Attribute(wanted.identity))
      return nullptr;
    const h5::Handle dataset = h5::open_dataset(in.id(), kDataset);
    if (h5::shape_of(dataset.id()) != h5::Shape{DType::U8, shape_of(wanted)}) return nullptr;
    const haddr_t offset = H5Dget_offset(dataset.id());
    if (offset == HADDR_UNDEF) throw DataError("its patches have no place in the file");
    return std::shared_ptr<const PatchFile>(new PatchFile(file, wanted, offset));
  });
}

PatchFile::PatchFile(fs::path file, PatchFileInfo info, std::uint64_t offset)
    : file_(std::move(file)), info_(std::move(info)), offset_(offset) {
  descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw DataError("cannot open it: " + errno_text(errno));
}

std::shared_ptr<const PatchFile> PatchFile::made(
    const std::filesystem::path& file,
    const PatchFileInfo& wanted,
    const std::function<void(PatchFileWriter&)>& write) {
  if (auto there = open(file, wanted)) return there;
  PatchFileWriter writer(file, wanted);
  write(writer);
  writer.finish();
  return open(file, wanted);
}

PatchFile::~PatchFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// Past HDF5, whose calls wait for each other: the file no longer changes.
void PatchFile::read(std::uint64_t row, std::span<std::uint8_t> rgb) const {
  if (row >= info_.count || rgb.size() != info_.patch_bytes())
    throw DataError(
        fmt::format("'{}': there is no patch {} of {} bytes", file_.string(), row, rgb.size()));
  std::size_t done = 0;
  while (done < rgb.size()) {
    const auto at = offset_ + row * rgb.size() + done;
    const auto got =
        ::pread(descriptor_, rgb.data() + done, rgb.size() - done, static_cast<::off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw DataError(fmt::format("'{}': cannot read patch {}: {}", file_.string(), row,
                                  got < 0 ? errno_text(errno) : "the file is cut off"));
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace mito::store
