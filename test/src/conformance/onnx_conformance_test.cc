// Which ONNX backend tests does the engine pass?
//
// test/conformance/onnx-node.txt names those that pass: one of them failing is a regression,
// another passing is printed. MINNOW_UPDATE_CONFORMANCE=1 writes the list and onnx-operators.txt
// (how many pass of how many, per suite and per operator of the node tests) anew;
// MINNOW_CONFORMANCE_LOG=FILE gets one line a case that fails, with the reason.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <utility>

#include "conformance/onnx_cases.h"

namespace minnow::conformance {
namespace {

const std::string kFolder = std::string(MINNOW_REPO_DIR) + "/test/conformance/";

bool Updates() { return std::getenv("MINNOW_UPDATE_CONFORMANCE") != nullptr; }

std::set<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

class OnnxSuite : public testing::TestWithParam<const char*> {
 protected:
  static void TearDownTestSuite() {
    if (!Updates() || passed_.empty()) return;
    std::ofstream list(kFolder + "onnx-node.txt");
    for (const std::string& name : passed_) list << name << '\n';
    std::ofstream scores(kFolder + "onnx-operators.txt");
    for (const auto& [op, score] : scores_) {
      scores << op << ' ' << score.first << '/' << score.second << '\n';
    }
  }

  void RunAll(const std::vector<std::string>& names) {
    const std::set<std::string> listed = ReadLines(kFolder + "onnx-node.txt");
    std::ofstream log;
    if (const char* path = std::getenv("MINNOW_CONFORMANCE_LOG")) log.open(path, std::ios::app);
    size_t passes = 0;
    for (const std::string& name : names) {
      const Status status = RunCase(name);
      Count(name, status.ok());
      passes += status.ok() ? 1 : 0;
      const bool expected = listed.count(name) != 0;
      if (!status.ok()) log << name << '\t' << status.message() << '\n';
      if (status.ok() && !expected) std::cout << "passes, not listed: " << name << '\n';
      if (!status.ok() && expected && !Updates()) {
        ADD_FAILURE() << name << ": " << status.message();
      }
    }
    std::cout << GetParam() << ": " << passes << " of " << names.size() << " pass\n";
  }

 private:
  static void Count(const std::string& name, bool passes) {
    if (passes) passed_.insert(name);
    const auto add = [passes](std::pair<int, int>* score) {
      score->first += passes ? 1 : 0;
      ++score->second;
    };
    const std::string suite = name.substr(0, name.find('/'));
    add(&scores_["suite:" + suite]);
    if (suite == "node") add(&scores_[OperatorOf(name)]);
  }

  static std::set<std::string> passed_;
  static std::map<std::string, std::pair<int, int>> scores_;
};

std::set<std::string> OnnxSuite::passed_;
std::map<std::string, std::pair<int, int>> OnnxSuite::scores_;

TEST_P(OnnxSuite, EveryListedCasePasses) {
  const std::vector<std::string> names = CasesOf(GetParam());
  if (names.empty()) GTEST_SKIP() << OnnxDataFolder() << "/" << GetParam() << " is absent";
  RunAll(names);
}

std::string SuiteName(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Suites, OnnxSuite,
                         testing::Values("node", "simple", "pytorch-operator", "pytorch-converted"),
                         SuiteName);

}  // namespace
}  // namespace minnow::conformance
