// Gives a fuzzer's function every file of some folders, without libFuzzer: replay FOLDER...
// Folders that are not there are passed over; no file at all is an error. 8 GiB of addresses must
// do (threads reserve some), but where a sanitizer wants all of them for itself.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <sys/resource.h>

static bool LimitMemory() {
  const rlimit limit{rlim_t{8} << 30, rlim_t{8} << 30};
  return setrlimit(RLIMIT_AS, &limit) == 0;
}
#else
static bool LimitMemory() { return true; }
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace fs = std::filesystem;

static int Replay(const fs::path& folder) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    // Of its own size, so that AddressSanitizer sees the byte behind it.
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::vector<uint8_t> bytes(text.begin(), text.end());
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++files;
  }
  return files;
}

int main(int argc, char** argv) {
  if (!LimitMemory()) std::perror("replay: no limit for the memory");
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    if (fs::is_directory(argv[i])) files += Replay(argv[i]);
  }
  std::printf("%d files\n", files);
  return files == 0 ? 1 : 0;
}
