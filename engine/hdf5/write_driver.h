#pragma once
#include <hdf5.h>

namespace mito::store::h5 {

/// Makes `access` open files for writing through a driver that never tells HDF5 of a failed write:
/// it keeps the first errno value in `fault` and goes on as if all were well. A file that HDF5 1.10
/// cannot write is a file that it cannot close either, and it crashes when the program ends. The
/// caller looks at `fault`, which must outlive the file, and throws the file away.
void use_write_driver(hid_t access, int* fault);

}  // namespace mito::store::h5
