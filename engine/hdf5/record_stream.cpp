#include "engine/hdf5/record_stream.h"

#include <cerrno>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <unistd.h>

#include "engine/core/error.h"

namespace mito::store {
namespace {

// What follows: an attribute, an array, the end, a failure.
constexpr char kAttribute = 'a';
constexpr char kArray = 'd';
constexpr char kEnd = 'z';
constexpr char kFailure = 'e';

constexpr std::uint64_t kMostAxes = 32;  // HDF5 has no more

/// Reads the pipe and trusts nothing of what it says about sizes.
class Receiver {
 public:
  Receiver(int descriptor, std::uint64_t max_bytes) : descriptor_(descriptor), left_(max_bytes) {}

  Record receive() {
    Record record;
    for (char kind = 0;;) {
      get(&kind, 1);
      if (kind == kEnd) return record;
      const std::string name = text();
      if (kind == kFailure) throw DataError(name);
      if (kind == kAttribute) {
        record.attributes[name] = attribute();
      } else if (kind == kArray) {
        record.arrays[name] = array();
      } else {
        throw CutOff();
      }
    }
  }

 private:
  void get(void* to, std::size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
      const auto n = ::read(descriptor_, at, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw CutOff();
      at += n;
      size -= static_cast<std::size_t>(n);
    }
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    get(&value, sizeof value);
    return value;
  }

  /// A size of what follows, taken from what may still come.
  std::size_t size() {
    const std::uint64_t value = number();
    if (value > left_) throw CutOff();
    left_ -= value;
    return value;
  }

  std::string text() {
    std::string value(size(), '\0');
    get(value.data(), value.size());
    return value;
  }

  Attribute attribute() {
    switch (number()) {
      case 0: {
        std::int64_t value = 0;
        get(&value, sizeof value);
        return value;
      }
      case 1: {
        double value = 0;
        get(&value, sizeof value);
        return value;
      }
      case 2:
        return text();
      case 3: {
        std::vector<double> values(size() / sizeof(double));
        get(values.data(), values.size() * sizeof(double));
        return values;
      }
      default:
        throw CutOff();
    }
  }

  Array array() {
    Array out;
    const std::uint64_t type = number();
    if (type > static_cast<std::uint64_t>(DType::F64)) throw CutOff();
    out.dtype = static_cast<DType>(type);
    const std::uint64_t axes = number();
    if (axes > kMostAxes) throw CutOff();
    std::uint64_t bytes = size_of(out.dtype);
    for (std::uint64_t axis = 0; axis < axes; ++axis) {
      out.shape.push_back(number());
      if (__builtin_mul_overflow(bytes, out.shape.back(), &bytes)) throw CutOff();
    }
    const std::size_t said = size();
    if (said != bytes) throw CutOff();
    out.bytes.resize(said);
    get(out.bytes.data(), said);
    return out;
  }

  int descriptor_;
  std::uint64_t left_;
};

}  // namespace

void RecordSender::put(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto n = ::write(descriptor_, from, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw CutOff();
    from += n;
    size -= static_cast<std::size_t>(n);
  }
}

void RecordSender::put_text(const std::string& text) {
  put(text.size());
  put(text.data(), text.size());
}

void RecordSender::send(const std::string& name, const Attribute& value) {
  put(&kAttribute, 1);
  put_text(name);
  put(value.index());
  std::visit(
      [&](const auto& v) {
        using Value = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          put_text(v);
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
          put(v.size() * sizeof(double));
          put(v.data(), v.size() * sizeof(double));
        } else {
          put(&v, sizeof v);
        }
      },
      value);
}

void RecordSender::send(const std::string& name, const Array& array) {
  put(&kArray, 1);
  put_text(name);
  put(static_cast<std::uint64_t>(array.dtype));
  put(array.shape.size());
  for (const auto side : array.shape) put(side);
  put(array.bytes.size());
  put(array.bytes.data(), array.bytes.size());
}

void RecordSender::finish() { put(&kEnd, 1); }

void RecordSender::fail(const std::string& why) {
  put(&kFailure, 1);
  put_text(why);
}

Record receive_record(int descriptor, std::uint64_t max_bytes) {
  return Receiver(descriptor, max_bytes).receive();
}

}  // namespace mito::store
