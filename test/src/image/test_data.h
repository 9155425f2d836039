// Finds the pictures and reference tensors that lie beside the repository.
#ifndef MINNOW_TEST_IMAGE_TEST_DATA_H_
#define MINNOW_TEST_IMAGE_TEST_DATA_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#ifndef MINNOW_DEFAULT_TEST_DATA
#define MINNOW_DEFAULT_TEST_DATA "../shared/data"
#endif

namespace minnow::image::testing {

// Empty when there is no such file: the test is then to be skipped.
inline std::vector<uint8_t> ReadTestData(const std::string& name) {
  const char* folder = std::getenv("MINNOW_TEST_DATA");
  const std::string path =
      std::string(folder != nullptr ? folder : MINNOW_DEFAULT_TEST_DATA) + "/" + name;
  std::vector<uint8_t> bytes;
  if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
    uint8_t block[65536];
    for (size_t got = 0; (got = std::fread(block, 1, sizeof(block), file)) > 0;) {
      bytes.insert(bytes.end(), block, block + got);
    }
    std::fclose(file);
  }
  return bytes;
}

}  // namespace minnow::image::testing

#endif  // MINNOW_TEST_IMAGE_TEST_DATA_H_
