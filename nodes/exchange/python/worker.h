#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/core/child_process.h"
#include "engine/core/record.h"
#include "nodes/exchange/python/step_file.h"

namespace mito::python {

/// An array that lies somewhere else: dense, row major.
struct ArrayView {
  DType dtype = DType::U8;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;

  template <class T>
  static ArrayView of(std::span<const T> values, std::vector<std::uint64_t> shape) {
    return {dtype_of<T>(), std::move(shape), std::as_bytes(values)};
  }
};

/// What an input is for the function: arrays, and numbers and texts beside them.
struct Given {
  std::string payload;
  std::map<std::string, ArrayView> arrays;
  nlohmann::json values = nlohmann::json::object();
  std::vector<std::shared_ptr<const void>> owned =
      {};  ///< What arrays lie in, if not in the payload.
};

/// One call of the function: null for inputs that are not connected.
struct StepCall {
  std::map<std::string, std::optional<Given>> inputs;
  nlohmann::json params;
  std::string output;  ///< Payload, for messages.
};

using Returned = std::map<std::string, ArrayView>;

/// Memory that two processes share; grows as needed.
class SharedMemory {
 public:
  SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();
  int fd() const { return fd_.get(); }
  /// At least `size` bytes, made by this side.
  std::span<std::byte> grow(std::size_t size);
  /// The first `size` bytes, made by the other side. Throws DataError when there are fewer.
  std::span<const std::byte> look(std::size_t size);

 private:
  void unmap();
  OpenFile fd_;
  void* at_ = nullptr;
  std::size_t mapped_ = 0;
};

/// A process that has a step loaded and runs it again and again. Arrays go there and back through
/// shared memory: one copy each way, none is written out as text.
class Worker {
 public:
  explicit Worker(const std::filesystem::path& step);

  /// What the function returns; valid until the next call. Throws DataError with one line: the
  /// exception, with file and line of the step; that the process ended, and how; that it took
  /// longer than `limit_s`. Throws Interrupted when `stop` says so. After any of these but the
  /// first, usable() is false.
  Returned call(const StepCall& call, double limit_s, const std::function<bool()>& stop);
  bool usable() const { return usable_; }

 private:
  void send(const std::string& text);
  std::string receive(double limit_s, const std::function<bool()>& stop);
  void read(std::byte* to, std::size_t size, double until, const std::function<bool()>& stop);
  [[noreturn]] void ended();

  std::filesystem::path step_;
  double limit_s_ = 0;
  bool usable_ = true;
  SharedMemory in_;
  SharedMemory out_;
  OpenFile control_;
  OpenFile life_;  ///< Ends with this process; then the other ends, too.
  std::unique_ptr<ChildProcess> process_;
};

/// Workers of a step that wait for their next call: as many as there were calls at one time.
class WorkerPool {
 public:
  explicit WorkerPool(std::filesystem::path step) : step_(std::move(step)) {}
  std::unique_ptr<Worker> take();
  void give_back(std::unique_ptr<Worker> worker);

 private:
  std::filesystem::path step_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;
};

}  // namespace mito::python
