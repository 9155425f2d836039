// A frozen graph or an ONNX file run by OpenCV's dnn module on the CPU.
//
//   minnow_peer_opencv MODEL THREADS
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <vector>

#include "peers/peer.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL THREADS\n", argv[0]);
    return 2;
  }
  cv::setNumThreads(std::atoi(argv[2]));
  cv::dnn::Net network = cv::dnn::readNet(argv[1]);
  network.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
  network.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  std::vector<cv::Mat> inputs;
  for (int i = 0; i < 4; ++i) {
    const int dims[] = {1, 3, 224, 224};
    inputs.emplace_back(4, dims, CV_32F);
    cv::randn(inputs.back(), 0, 1);
  }
  return minnow::bench::TakeTurns([&](int i) {
    network.setInput(inputs[static_cast<size_t>(i) % inputs.size()]);
    network.forward();
  });
}
