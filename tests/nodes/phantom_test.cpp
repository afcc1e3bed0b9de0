#include "nodes/phantom/phantom.h"

#include <gtest/gtest.h>

namespace mito::phantom {
namespace {
TEST(Phantom, Draws) { EXPECT_EQ(Phantom(Params{}).objects().size(), 405U); }
}  // namespace
}  // namespace mito::phantom
