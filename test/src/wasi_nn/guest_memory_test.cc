// Does every access stay inside the guest's memory, at its edges and beyond 2 GiB?
#include "wasi_nn/guest_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <vector>

namespace minnow::wasi_nn {
namespace {

TEST(GuestMemory, ExtentsInsideAreReadAndWritten) {
  std::vector<uint8_t> bytes = {1, 0, 0, 0, 2, 1, 0, 0, 9};
  const GuestMemory memory(bytes.data(), bytes.size());
  const auto values = memory.ReadU32s(0, 2, "values");
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(*values, (std::vector<uint32_t>{1, 258}));
  ASSERT_TRUE(memory.WriteU32(5, 0x04030201, "out").ok()) << "unaligned, up to the last byte";
  EXPECT_EQ(bytes, (std::vector<uint8_t>{1, 0, 0, 0, 2, 1, 2, 3, 4}));
}

TEST(GuestMemory, ExtentsThatPassTheEndFailWithoutWrapping) {
  std::vector<uint8_t> bytes(16, 7);
  const GuestMemory memory(bytes.data(), bytes.size());
  struct Case {
    uint32_t pointer;
    uint64_t bytes;
  };
  for (const Case& c : {Case{13, 4}, Case{16, 1}, Case{0, 17}, Case{UINT32_MAX, 1},
                        Case{UINT32_MAX, 4}, Case{UINT32_MAX - 3, 8}, Case{1, UINT32_MAX},
                        Case{8, uint64_t{UINT32_MAX} * 8}, Case{1, UINT64_MAX}}) {
    EXPECT_EQ(memory.Check(c.pointer, c.bytes, "x").code(), StatusCode::kInvalidArgument)
        << c.pointer << " " << c.bytes;
    EXPECT_FALSE(memory.Read(c.pointer, c.bytes, "x").ok());
  }
  EXPECT_FALSE(memory.WriteU32(13, 0, "x").ok());
  EXPECT_EQ(bytes, std::vector<uint8_t>(16, 7));
}

TEST(GuestMemory, NothingMayLieAnywhere) {
  const GuestMemory memory(nullptr, 0);
  EXPECT_TRUE(memory.Check(0, 0, "x").ok());
  EXPECT_TRUE(memory.Check(UINT32_MAX, 0, "x").ok());
  EXPECT_FALSE(memory.Check(0, 1, "x").ok());
  EXPECT_TRUE(memory.present());
  EXPECT_FALSE(GuestMemory().present());
}

TEST(GuestMemory, PointersAbove2GiBAreUnsigned) {
  const uint64_t size = uint64_t{1} << 32;
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) GTEST_SKIP() << "no 4 GiB of address space";
  const GuestMemory memory(static_cast<uint8_t*>(data), size);
  EXPECT_TRUE(memory.WriteU32(UINT32_MAX - 3, 0xCAFE, "out").ok());
  EXPECT_EQ((*memory.ReadU32s(UINT32_MAX - 3, 1, "in"))[0], 0xCAFEu);
  EXPECT_FALSE(memory.WriteU32(UINT32_MAX - 2, 1, "out").ok());
  EXPECT_TRUE(memory.Check(0x90000000u, 0x60000000u, "x").ok());
  munmap(data, size);
}

}  // namespace
}  // namespace minnow::wasi_nn
