#pragma once
#include <string>

#include "engine/core/error.h"

namespace mito::test {

/// What the DataError says that `f` throws, or "no error".
template <class F>
std::string problem(F&& f) {
  try {
    f();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace mito::test
