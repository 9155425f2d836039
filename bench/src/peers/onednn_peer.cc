// MobileNetV2 1.0 at 224 x 224 of oneDNN's primitives, back to back: the time of the library's
// convolutions alone, without a framework around them. Written for version 2, as Debian 12 has it.
//
//   minnow_peer_onednn f32|int8 THREADS
//
// Layouts are the library's choice (format_tag::any), reorders stand only where two choices differ,
// ReLU6 and the residual sum are post-operations. Weights and pictures are made up: dense kernels
// take the same time for any values. int8: u8 activations, s8 weights, one scale a layer.
#include <omp.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/mobilenet_v2_stages.h"
#include "peers/peer.h"

namespace {

using dnnl::memory;

constexpr int kLastChannels = 1280;
constexpr int kClasses = 1000;

struct Conv {
  int out_channels, kernel, stride;
  bool depthwise, relu6;
};

class Network {
 public:
  explicit Network(bool int8)
      : engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        activation_(int8 ? memory::data_type::u8 : memory::data_type::f32),
        weight_(int8 ? memory::data_type::s8 : memory::data_type::f32) {
    memory x = Make({{1, 3, 224, 224}, activation_, memory::format_tag::nchw});
    int channels = 32;
    x = AddConv(x, {channels, 3, 2, false, true}, nullptr);
    for (const minnow::bench::Stage& stage : minnow::bench::kStages) {
      for (int i = 0; i < stage.blocks; ++i) {
        const int stride = i == 0 ? stage.stride : 1;
        const int wide = channels * stage.expansion;
        memory y = stage.expansion == 1 ? x : AddConv(x, {wide, 1, 1, false, true}, nullptr);
        y = AddConv(y, {wide, 3, stride, true, true}, nullptr);
        const bool adds = stride == 1 && channels == stage.channels;
        x = AddConv(y, {stage.channels, 1, 1, false, false}, adds ? &x : nullptr);
        channels = stage.channels;
      }
    }
    AddClassifier(AddPool(AddConv(x, {kLastChannels, 1, 1, false, true}, nullptr)));
  }

  void Run() {
    for (const Step& step : steps_) step.primitive.execute(stream_, step.arguments);
    stream_.wait();
  }

 private:
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };

  memory Make(const memory::desc& desc) {
    memory made(desc, engine_);
    if (desc.data_type() == memory::data_type::f32) {
      float* values = static_cast<float*>(made.get_data_handle());
      for (size_t i = 0; i < desc.get_size() / sizeof(float); ++i) {
        values[i] = 0.01f * static_cast<float>(static_cast<int>(i % 13) - 6);
      }
    } else {
      std::memset(made.get_data_handle(), 1, desc.get_size());
    }
    return made;
  }

  memory InLayout(const memory& from, const memory::desc& wanted) {
    if (from.get_desc() == wanted) return from;
    memory to(wanted, engine_);
    steps_.push_back({dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
    return to;
  }

  memory AddConv(const memory& source, const Conv& conv, const memory* residual) {
    const memory::dims from = source.get_desc().dims();
    const int pad = conv.kernel / 2;
    const memory::dim size = (from[2] + 2 * pad - conv.kernel) / conv.stride + 1;
    const memory::dims weight_dims =
        conv.depthwise ? memory::dims{conv.out_channels, 1, 1, conv.kernel, conv.kernel}
                       : memory::dims{conv.out_channels, from[1], conv.kernel, conv.kernel};
    const auto any = memory::format_tag::any;
    const memory::desc wanted =
        residual != nullptr ? residual->get_desc()
                            : memory::desc({1, conv.out_channels, size, size}, activation_, any);
    dnnl::post_ops after;
    if (residual != nullptr) after.append_sum(1.0f);
    if (conv.relu6) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, 0.0f, 6.0f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    if (activation_ == memory::data_type::u8) attributes.set_output_scales(0, {0.01f});
    const memory::desc bias({conv.out_channels}, memory::data_type::f32, memory::format_tag::x);
    const dnnl::convolution_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                            dnnl::algorithm::convolution_direct,
                                                            {from, activation_, any},
                                                            {weight_dims, weight_, any},
                                                            bias,
                                                            wanted,
                                                            {conv.stride, conv.stride},
                                                            {pad, pad},
                                                            {pad, pad}},
                                                           attributes, engine_);
    const memory input = InLayout(source, chosen.src_desc());
    // The sum is made in place, as a framework would have it.
    const memory output = residual != nullptr ? *residual : memory(chosen.dst_desc(), engine_);
    steps_.push_back({dnnl::convolution_forward(chosen),
                      {{DNNL_ARG_SRC, input},
                       {DNNL_ARG_WEIGHTS, Make(chosen.weights_desc())},
                       {DNNL_ARG_BIAS, Make(bias)},
                       {DNNL_ARG_DST, output}}});
    return output;
  }

  memory AddPool(const memory& source) {
    const memory::dim side = source.get_desc().dims()[2];
    const dnnl::pooling_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference,
         dnnl::algorithm::pooling_avg_exclude_padding,
         source.get_desc(),
         {{1, kLastChannels, 1, 1}, activation_, memory::format_tag::any},
         {1, 1},
         {side, side},
         {0, 0},
         {0, 0}},
        engine_);
    const memory output(chosen.dst_desc(), engine_);
    steps_.push_back(
        {dnnl::pooling_forward(chosen), {{DNNL_ARG_SRC, source}, {DNNL_ARG_DST, output}}});
    return output;
  }

  void AddClassifier(const memory& source) {
    const memory::desc bias({kClasses}, memory::data_type::f32, memory::format_tag::x);
    const dnnl::inner_product_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference,
         {{1, kLastChannels, 1, 1}, activation_, memory::format_tag::any},
         {{kClasses, kLastChannels, 1, 1}, weight_, memory::format_tag::any},
         bias,
         {{1, kClasses}, memory::data_type::f32, memory::format_tag::nc}},
        engine_);
    const memory input = InLayout(source, chosen.src_desc());
    steps_.push_back({dnnl::inner_product_forward(chosen),
                      {{DNNL_ARG_SRC, input},
                       {DNNL_ARG_WEIGHTS, Make(chosen.weights_desc())},
                       {DNNL_ARG_BIAS, Make(bias)},
                       {DNNL_ARG_DST, memory(chosen.dst_desc(), engine_)}}});
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  memory::data_type activation_, weight_;
  std::vector<Step> steps_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string form = argc == 3 ? argv[1] : "";
  if (form != "f32" && form != "int8") {
    std::fprintf(stderr, "usage: %s f32|int8 THREADS\n", argv[0]);
    return 2;
  }
  omp_set_num_threads(std::atoi(argv[2]));
  Network network(form == "int8");
  return minnow::bench::TakeTurns([&](int) { network.Run(); });
}
