#include "engine/core/digest.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito {
namespace {

// The first 32 bits of the fractional parts of the square (p = 2) or cube (p = 3) roots of the
// first primes, as FIPS 180-4 defines them. Computed, so there is no table to mistype.
template <std::size_t N>
std::array<std::uint32_t, N> root_bits(int p) {
  std::array<std::uint32_t, N> out{};
  std::size_t n = 0;
  for (std::uint32_t candidate = 2; n < N; ++candidate) {
    bool prime = true;
    for (std::uint32_t d = 2; d * d <= candidate; ++d) prime = prime && candidate % d != 0;
    if (!prime) continue;
    const long double root = p == 2 ? sqrtl(candidate) : cbrtl(candidate);
    out[n++] = static_cast<std::uint32_t>((root - floorl(root)) * 4294967296.0L);
  }
  return out;
}

}  // namespace

Sha256::Sha256() : state_(root_bits<8>(2)) {}

void Sha256::block(const std::uint8_t* bytes) {
  static const auto kRound = root_bits<64>(3);
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t b = 0; b < 4; ++b) w[i] = (w[i] << 8U) | bytes[4 * i + b];
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3U);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10U);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto v = state_;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
    const std::uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + kRound[i] + w[i];
    const std::uint32_t s0 = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
    const std::uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
  }
  for (std::size_t i = 0; i < 8; ++i) state_[i] += v[i];
}

void Sha256::update(std::span<const std::byte> bytes) {
  total_ += bytes.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  while (left > 0) {
    if (filled_ == 0 && left >= 64) {
      block(in);
      in += 64;
      left -= 64;
      continue;
    }
    const std::size_t take = std::min(left, 64 - filled_);
    std::copy_n(in, take, pending_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += take;
    in += take;
    left -= take;
    if (filled_ == 64) {
      block(pending_.data());
      filled_ = 0;
    }
  }
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

std::string Sha256::finish() {
  const std::uint64_t bits = total_ * 8;
  std::vector<std::byte> tail(1, std::byte{0x80});
  while ((filled_ + tail.size()) % 64 != 56) tail.push_back(std::byte{0});
  for (int shift = 56; shift >= 0; shift -= 8)
    tail.push_back(static_cast<std::byte>((bits >> shift) & 0xffU));
  update(tail);
  std::string hex;
  for (const std::uint32_t word : state_) hex += fmt::format("{:08x}", word);
  return hex;
}

std::string sha256(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return digest.finish();
}

std::string sha256_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw DataError(fmt::format("cannot read '{}'", file.string()));
  Sha256 digest;
  std::vector<char> buffer(1U << 20U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) throw DataError(fmt::format("cannot read '{}' to its end", file.string()));
  return digest.finish();
}

}  // namespace mito
