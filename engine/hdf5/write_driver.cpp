#include "engine/hdf5/write_driver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/error.h"

#if H5_VERSION_GE(1, 13, 2)
#include <H5FDdevelop.h>
#endif

namespace mito::store::h5 {
namespace {

constexpr haddr_t kMaxAddress = static_cast<haddr_t>(std::numeric_limits<off_t>::max());

/// What travels in the property list.
struct Settings {
  int* fault;
};

/// HDF5 sees only the base, which therefore comes first.
struct File {
  H5FD_t base{};
  int descriptor = -1;
  int* fault = nullptr;
  haddr_t end_allocated = 0;
  haddr_t end_written = 0;
};

File& self(H5FD_t* base) { return *reinterpret_cast<File*>(base); }
const File& self(const H5FD_t* base) { return *reinterpret_cast<const File*>(base); }

void note(File& file, int code) {
  if (*file.fault == 0) *file.fault = code;
}

H5FD_t* open_file(const char* name, unsigned flags, hid_t access, haddr_t) {
  const auto* settings = static_cast<const Settings*>(H5Pget_driver_info(access));
  if (settings == nullptr) return nullptr;
  int mode = O_CLOEXEC | O_NOFOLLOW | ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY);
  if ((flags & H5F_ACC_TRUNC) != 0) mode |= O_TRUNC;
  if ((flags & H5F_ACC_CREAT) != 0) mode |= O_CREAT;
  const int descriptor = ::open(name, mode, 0644);
  if (descriptor < 0) {
    *settings->fault = errno;
    return nullptr;
  }
  auto file = std::make_unique<File>();
  file->descriptor = descriptor;
  file->fault = settings->fault;
  return &file.release()->base;
}

herr_t close_file(H5FD_t* base) {
  const std::unique_ptr<File> file(&self(base));
  if (::close(file->descriptor) != 0) note(*file, errno);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t get_eoa(const H5FD_t* base, H5FD_mem_t) { return self(base).end_allocated; }

herr_t set_eoa(H5FD_t* base, H5FD_mem_t, haddr_t address) {
  self(base).end_allocated = address;
  return 0;
}

haddr_t get_eof(const H5FD_t* base, H5FD_mem_t) { return self(base).end_written; }

/// What was never written reads as zeros.
herr_t read(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* buffer) {
  auto* to = static_cast<char*>(buffer);
  while (size > 0) {
    const auto n = ::pread(self(base).descriptor, to, size, static_cast<off_t>(address));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) note(self(base), errno);
    if (n <= 0) {
      std::memset(to, 0, size);
      return 0;
    }
    to += n;
    address += static_cast<haddr_t>(n);
    size -= static_cast<size_t>(n);
  }
  return 0;
}

herr_t write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, size_t size, const void* buffer) {
  File& file = self(base);
  file.end_written = std::max(file.end_written, address + size);
  const auto* from = static_cast<const char*>(buffer);
  while (size > 0 && *file.fault == 0) {
    const auto n = ::pwrite(file.descriptor, from, size, static_cast<off_t>(address));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      note(file, errno);
      return 0;
    }
    from += n;
    address += static_cast<haddr_t>(n);
    size -= static_cast<size_t>(n);
  }
  return 0;
}

herr_t truncate(H5FD_t* base, hid_t, hbool_t) {
  File& file = self(base);
  if (*file.fault == 0 && ::ftruncate(file.descriptor, static_cast<off_t>(file.end_allocated)) != 0)
    note(file, errno);
  file.end_written = file.end_allocated;
  return 0;
}

hid_t register_driver() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 2)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(511);  // of the range for unregistered drivers
#endif
  driver.name = "mitoloom_write";
  driver.maxaddr = kMaxAddress;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(Settings);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_eoa;
  driver.set_eoa = set_eoa;
  driver.get_eof = get_eof;
  driver.read = read;
  driver.write = write;
  driver.truncate = truncate;
  const H5FD_mem_t types[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(types), std::end(types), std::begin(driver.fl_map));
  return H5FDregister(&driver);
}

}  // namespace

void use_write_driver(hid_t access, int* fault) {
  static const hid_t kDriver = register_driver();
  const Settings settings{fault};
  if (kDriver < 0 || H5Pset_driver(access, kDriver, &settings) < 0)
    throw DataError("cannot set up writing of HDF5 files");
}

}  // namespace mito::store::h5
