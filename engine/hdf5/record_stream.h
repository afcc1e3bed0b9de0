#pragma once
#include <cstdint>
#include <exception>
#include <string>

#include "engine/core/record.h"

namespace mito::store {

/// A record on its way through a pipe, piece by piece, between two processes of one program: bytes
/// in the order of this machine. It ends with finish() or with fail(); one that ends otherwise was
/// cut off.
class RecordSender {
 public:
  explicit RecordSender(int descriptor) : descriptor_(descriptor) {}
  void send(const std::string& name, const Attribute& value);
  void send(const std::string& name, const Array& array);
  void finish();
  /// Why there is no record.
  void fail(const std::string& why);

 private:
  void put(const void* bytes, std::size_t size);
  void put(std::uint64_t number) { put(&number, sizeof number); }
  void put_text(const std::string& text);

  int descriptor_;
};

/// The sender went away in the middle of a record, or sent what is none.
class CutOff : public std::exception {};

/// What comes out of the pipe, of at most `max_bytes` in all. Throws CutOff, and DataError with the
/// words of the sender when it failed.
Record receive_record(int descriptor, std::uint64_t max_bytes);

}  // namespace mito::store
