#include "nodes/exchange/python/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "nodes/exchange/python/interpreter.h"

namespace mito::python {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kAlign = 64;
constexpr int kLookMs = 100;               // at whether to stop
constexpr std::chrono::seconds kGrace{2};  // for a process whose connection has ended
constexpr std::array<std::pair<std::string_view, DType>, 8> kTypes{{{"|u1", DType::U8},
                                                                    {"<u2", DType::U16},
                                                                    {"<i4", DType::I32},
                                                                    {"<u4", DType::U32},
                                                                    {"<i8", DType::I64},
                                                                    {"<u8", DType::U64},
                                                                    {"<f4", DType::F32},
                                                                    {"<f8", DType::F64}}};

std::string_view numpy_name(DType type) {
  return std::ranges::find(kTypes, type, [](const auto& t) { return t.second; })->first;
}

DType type_from(const std::string& name) {
  const auto found = std::ranges::find(kTypes, name, [](const auto& t) { return t.first; });
  if (found == kTypes.end()) throw DataError(fmt::format("unknown array type '{}'", name));
  return found->second;
}

std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const char* what) {
  throw DataError(fmt::format("{}: {}", what, std::strerror(errno)));
}

std::string in_seconds(double seconds) { return number_text(seconds) + " s"; }

}  // namespace

SharedMemory::SharedMemory() : fd_(::memfd_create("mitoloom", MFD_CLOEXEC)) {
  if (fd_.get() < 0) fail("cannot make shared memory");
}

SharedMemory::~SharedMemory() { unmap(); }

void SharedMemory::unmap() {
  if (at_ != nullptr) ::munmap(at_, mapped_);
  at_ = nullptr;
  mapped_ = 0;
}

std::span<std::byte> SharedMemory::grow(std::size_t size) {
  if (size > mapped_) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) fail("cannot grow shared memory");
    look(size);
  }
  return {static_cast<std::byte*>(at_), size};
}

std::span<const std::byte> SharedMemory::look(std::size_t size) {
  if (size == 0) return {};
  struct stat about {};
  if (::fstat(fd_.get(), &about) != 0 || static_cast<std::size_t>(about.st_size) < size)
    throw DataError("the step's result is not in its memory");
  if (size > mapped_) {
    unmap();
    at_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    if (at_ == MAP_FAILED) {
      at_ = nullptr;
      fail("cannot map shared memory");
    }
    mapped_ = size;
  }
  return {static_cast<const std::byte*>(at_), size};
}

Worker::Worker(const std::filesystem::path& step) : step_(step) {
  std::array<int, 2> sockets{};
  std::array<int, 2> life{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
    fail("cannot make a socket");
  control_ = OpenFile(sockets[0]);
  const OpenFile other(sockets[1]);
  if (::pipe2(life.data(), O_CLOEXEC) != 0) fail("cannot make a pipe");
  const OpenFile watched(life[0]);
  life_ = OpenFile(life[1]);
  process_ = start_worker({"work", step.string()},
                          {.output = ChildSurroundings::Output::WithErrors,
                           .files = {other.get(), in_.fd(), out_.fd(), watched.get()}});
}

void Worker::ended() {
  usable_ = false;
  if (process_->ends_within(kGrace))
    throw DataError(fmt::format("{}: the process of the step {}", step_.string(),
                                how_it_ended(process_->wait())));
  process_->kill();
  throw DataError(fmt::format("{}: the step closed its connection to mitoloom", step_.string()));
}

void Worker::send(const std::string& text) {
  std::string all;
  for (unsigned shift = 0; shift < 32; shift += 8)
    all += static_cast<char>(text.size() >> shift & 0xffU);
  all += text;
  for (std::size_t done = 0; done < all.size();) {
    const auto count = ::send(control_.get(), all.data() + done, all.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ended();
    done += static_cast<std::size_t>(count);
  }
}

void Worker::read(std::byte* to,
                  std::size_t size,
                  double until,
                  const std::function<bool()>& stop) {
  for (std::size_t done = 0; done < size;) {
    if (stop()) {
      usable_ = false;
      process_->kill();
      throw Interrupted("interrupted");
    }
    const double left_ms = (until - seconds_now()) * 1000;
    if (left_ms <= 0) {
      usable_ = false;
      process_->kill();
      throw DataError(fmt::format("{}: the step did not end within {} (time_limit_s)",
                                  step_.string(), in_seconds(limit_s_)));
    }
    pollfd waiting{control_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<double>(kLookMs, left_ms + 1)));
    if (ready <= 0) continue;
    const auto count = ::recv(control_.get(), to + done, size - done, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ended();
    done += static_cast<std::size_t>(count);
  }
}

std::string Worker::receive(double limit_s, const std::function<bool()>& stop) {
  limit_s_ = limit_s;
  const double until = seconds_now() + limit_s;
  std::array<std::byte, 4> head{};
  read(head.data(), head.size(), until, stop);
  std::size_t size = 0;
  for (std::size_t i = 0; i < head.size(); ++i)
    size |= std::to_integer<std::size_t>(head[i]) << 8 * i;
  std::string text(size, '\0');
  read(reinterpret_cast<std::byte*>(text.data()), size, until, stop);
  return text;
}

Returned Worker::call(const StepCall& call, double limit_s, const std::function<bool()>& stop) {
  std::size_t size = 0;
  for (const auto& [port, given] : call.inputs)
    if (given)
      for (const auto& [name, array] : given->arrays) size += aligned(array.bytes.size());
  const auto memory = in_.grow(size);
  Json inputs = Json::object();
  std::size_t offset = 0;
  for (const auto& [port, given] : call.inputs) {
    if (!given) {
      inputs[port] = nullptr;
      continue;
    }
    Json arrays = Json::object();
    for (const auto& [name, array] : given->arrays) {
      std::ranges::copy(array.bytes, memory.subspan(offset).begin());
      arrays[name] = {numpy_name(array.dtype), array.shape, offset};
      offset += aligned(array.bytes.size());
    }
    inputs[port] = {{"payload", given->payload}, {"values", given->values}, {"arrays", arrays}};
  }
  send(Json{{"inputs", inputs}, {"params", call.params}, {"output", call.output}, {"size", size}}
           .dump());

  const Json reply = Json::parse(receive(limit_s, stop));
  if (reply.contains("error"))
    throw DataError(reply.contains("line")
                        ? fmt::format("{}:{}: {}", reply["file"].get<std::string>(),
                                      reply["line"].get<int>(), reply["error"].get<std::string>())
                        : fmt::format("{}: {}", step_.string(), reply["error"].get<std::string>()));
  const auto result = out_.look(reply["size"]);
  Returned returned;
  for (const auto& [name, about] : reply["arrays"].items()) {
    ArrayView view{type_from(about[0]), about[1].get<std::vector<std::uint64_t>>(), {}};
    std::size_t bytes = size_of(view.dtype);
    for (const auto length : view.shape) bytes *= length;
    if (bytes > 0) view.bytes = result.subspan(about[2].get<std::size_t>(), bytes);
    returned.emplace(name, std::move(view));
  }
  return returned;
}

std::unique_ptr<Worker> WorkerPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  return std::make_unique<Worker>(step_);
}

void WorkerPool::give_back(std::unique_ptr<Worker> worker) {
  if (!worker->usable()) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(worker));
}

}  // namespace mito::python
