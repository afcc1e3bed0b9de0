#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/child_process.h"

namespace mito::python {

/// The program of the other end: worker.py.
extern const std::string_view kWorker;

/// $MITOLOOM_PYTHON, else "python3".
std::string interpreter();

/// Starts kWorker with `arguments`. NumPy's libraries start no threads in it: parallelism belongs
/// to the graph. Throws DataError when the interpreter cannot be started.
std::unique_ptr<ChildProcess> start_worker(const std::vector<std::string>& arguments,
                                           ChildSurroundings surroundings);

/// What kWorker prints. Throws as start_worker().
std::string output_of_worker(const std::vector<std::string>& arguments);

}  // namespace mito::python
