#include "engine/nn/dense/memory.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

#include "engine/nn/dense/layout.h"

namespace mito::nn::dense {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Floats::Floats(std::size_t size) : size_(size) {
  const std::size_t bytes = std::max<std::size_t>(1, size) * sizeof(float);
  const std::size_t unit = bytes < kHugePage ? kLine : kHugePage;
  const std::size_t room = round_up(bytes, unit);
  void* memory = std::aligned_alloc(unit, room);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice only: without huge pages it is slower, not wrong.
  if (unit == kHugePage) static_cast<void>(madvise(memory, room, MADV_HUGEPAGE));
  data_.reset(static_cast<float*>(memory));
  std::fill_n(data_.get(), size, 0.0F);
}

void Floats::Release::operator()(float* data) const { std::free(data); }

}  // namespace mito::nn::dense
