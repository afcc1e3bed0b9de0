#pragma once
#include "engine/core/error.h"

namespace mito {

/// A file of ours could not be written, locked or read: no room, no permission, a disk that fails.
/// The data are not to blame, so it may go well another time or elsewhere.
class SystemFailure : public DataError {
 public:
  using DataError::DataError;
};

}  // namespace mito
