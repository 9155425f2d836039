// Small files that the fuzzers start from, made here: no file of others, no binary in the tree.
#ifndef MINNOW_TEST_FUZZ_SEEDS_H_
#define MINNOW_TEST_FUZZ_SEEDS_H_

#include <string>
#include <vector>

namespace minnow::fuzz {

struct Target {
  std::string name;  // of minnow_fuzz_NAME
  std::vector<std::string> seeds;
  std::vector<std::string> words;  // for the dictionary
};

// `repository` is where the names of operators and attributes are found: in the importers' sources.
std::vector<Target> ImageTargets();
std::vector<Target> ModelTargets(const std::string& repository);
Target HostTarget();

}  // namespace minnow::fuzz

#endif  // MINNOW_TEST_FUZZ_SEEDS_H_
