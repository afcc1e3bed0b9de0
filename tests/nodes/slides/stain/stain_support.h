#pragma once
#include <string>

#include "engine/core/error.h"

namespace mito::test {

/// The message of the DataError that `f` throws.
template <class F>
std::string data_error(F&& f) {
  try {
    f();
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace mito::test
