// Runs one test of this very executable in a child process with other environment variables: for
// what a process reads only once, and for limits that it cannot go back from.
#ifndef MINNOW_TEST_SRC_BASE_CHILD_PROCESS_H_
#define MINNOW_TEST_SRC_BASE_CHILD_PROCESS_H_

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace minnow {

// What the child wrote between "<<" and ">>", or all of it where it wrote no such thing.
// `environment` is "NAME=value" or "-u NAME".
inline std::string ChildSays(const std::string& environment, const std::string& test) {
  char self[4096] = {};
  if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0) return "no /proc/self/exe";
  const std::string command = "env " + environment + " '" + self +
                              "' --gtest_also_run_disabled_tests --gtest_filter=" + test + " 2>&1";
  std::FILE* child = popen(command.c_str(), "r");
  if (child == nullptr) return "no child";
  std::string text;
  char part[4096];
  while (const size_t count = std::fread(part, 1, sizeof(part), child)) text.append(part, count);
  pclose(child);
  const size_t from = text.find("<<"), to = text.find(">>");
  if (from == std::string::npos || to == std::string::npos) return text;
  return text.substr(from + 2, to - from - 2);
}

// Leaves this process `bytes` of address space beyond what it has.
inline void LimitAddressSpace(size_t bytes) {
  size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  rlimit limit = {};
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + bytes;
  setrlimit(RLIMIT_AS, &limit);
}

}  // namespace minnow

#endif  // MINNOW_TEST_SRC_BASE_CHILD_PROCESS_H_
