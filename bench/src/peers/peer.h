// A peer with a C++ interface, as a program that the benches in JavaScript give turns to
// (bench/support/native-peers.mjs): it reads a number of runs a line, runs that often, and answers
// with the milliseconds of each on one line, timed here, so that no pipe is in them.
#ifndef MINNOW_BENCH_SRC_PEERS_PEER_H_
#define MINNOW_BENCH_SRC_PEERS_PEER_H_

#include <chrono>
#include <cstdio>

namespace minnow::bench {

// Answers every line of stdin until it ends.
template <typename Run>
int TakeTurns(const Run& run) {
  std::puts("ready");
  std::fflush(stdout);
  int runs = 0;
  while (std::scanf("%d", &runs) == 1) {
    for (int i = 0; i < runs; ++i) {
      const auto start = std::chrono::steady_clock::now();
      run(i);
      const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
      std::printf(i == 0 ? "%.6f" : " %.6f", ms.count());
    }
    std::puts("");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SRC_PEERS_PEER_H_
