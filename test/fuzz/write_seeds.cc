// Writes what the fuzzers start from: write_seeds FOLDER makes FOLDER/TARGET/NUMBER, and
// FOLDER/TARGET.dict for libFuzzer's -dict.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "seeds.h"

namespace {

std::string Quoted(const std::string& word) {
  std::string text = "\"";
  for (const char c : word) {
    char escaped[8];
    std::snprintf(escaped, sizeof(escaped), "\\x%02x", static_cast<unsigned char>(c));
    text += escaped;
  }
  return text + "\"\n";
}

bool Write(const std::string& path, const std::string& bytes) {
  return static_cast<bool>(std::ofstream(path, std::ios::binary) << bytes);
}

bool WriteTarget(const std::string& folder, const minnow::fuzz::Target& target) {
  const std::string own = folder + "/" + target.name;
  std::filesystem::remove_all(own);
  std::filesystem::create_directories(own);
  bool written = true;
  for (size_t i = 0; i < target.seeds.size(); ++i) {
    written = Write(own + "/" + std::to_string(i), target.seeds[i]) && written;
  }
  std::string words = "# For -dict of minnow_fuzz_" + target.name + ".\n";
  for (const std::string& word : target.words) words += Quoted(word);
  return Write(own + ".dict", words) && written;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds FOLDER\n");
    return 2;
  }
  std::vector<minnow::fuzz::Target> targets = minnow::fuzz::ModelTargets(MINNOW_REPO_DIR);
  for (auto& target : minnow::fuzz::ImageTargets()) targets.push_back(target);
  targets.push_back(minnow::fuzz::HostTarget());
  for (const minnow::fuzz::Target& target : targets) {
    if (!WriteTarget(argv[1], target)) return 1;
    std::printf("%s: %zu seeds, %zu words\n", target.name.c_str(), target.seeds.size(),
                target.words.size());
  }
  return 0;
}
