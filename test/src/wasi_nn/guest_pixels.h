// The pixels that the published bird guest gives its host: decoded and resized inside Wasm, by
// Rust's decoders of their time, whose arithmetic is not libjpeg's. Baseline JPEGs of three
// components at 4:2:0 only.
#ifndef MINNOW_TEST_WASI_NN_GUEST_PIXELS_H_
#define MINNOW_TEST_WASI_NN_GUEST_PIXELS_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

// Needs <cstdio> before it.
#include <jpeglib.h>

namespace minnow::wasi_nn::testing {

struct Plane {
  size_t width = 0, height = 0;  // with what fills the last blocks up
  std::vector<uint8_t> samples;

  Plane(size_t w, size_t h) : width(w), height(h), samples(w * h) {}
  uint8_t* row(size_t y) { return &samples[y * width]; }
  const uint8_t* row(size_t y) const { return &samples[y * width]; }
};

inline uint8_t ToByte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

// Eight samples from eight frequencies, 4096 times as large (C. Loeffler, A. Ligtenberg, G.
// Moschytz: Practical Fast 1-D DCT Algorithms with 11 Multiplications, ICASSP 1989). The factors
// are theirs in 4096ths, negative ones cut off instead of rounded.
inline std::array<int, 8> InverseDct(const std::array<int, 8>& f) {
  const int turned = (f[2] + f[6]) * 2217;
  const int low = turned + f[2] * 3135, high = turned - f[6] * 7567;
  const int sum = (f[0] + f[4]) * 4096, difference = (f[0] - f[4]) * 4096;
  const std::array<int, 4> even = {sum + low, difference + high, difference - high, sum - low};
  const int all = (f[1] + f[3] + f[5] + f[7]) * 4816;
  const int f73 = all - (f[7] + f[3]) * 8034, f51 = all - (f[5] + f[1]) * 1597;
  const int f71 = (f[7] + f[1]) * 3685, f53 = (f[5] + f[3]) * 10497;
  const std::array<int, 4> odd = {f[1] * 6149 - f71 + f51, f[3] * 12586 - f53 + f73,
                                  f[5] * 8410 - f53 + f51, f[7] * 1223 - f71 + f73};
  std::array<int, 8> samples;
  for (size_t k = 0; k < 4; ++k) {
    samples[k] = even[k] + odd[k];
    samples[7 - k] = even[k] - odd[k];
  }
  return samples;
}

// One block: columns first, which keep two bits more than samples have.
inline void DecodeBlock(const JCOEF* coefficients, const UINT16* steps, size_t stride,
                        uint8_t* out) {
  std::array<std::array<int, 8>, 8> rows;
  for (size_t x = 0; x < 8; ++x) {
    std::array<int, 8> column;
    for (size_t y = 0; y < 8; ++y) column[y] = coefficients[8 * y + x] * steps[8 * y + x];
    column = InverseDct(column);
    for (size_t y = 0; y < 8; ++y) rows[y][x] = (column[y] + (1 << 9)) >> 10;
  }
  for (size_t y = 0; y < 8; ++y) {
    const std::array<int, 8> row = InverseDct(rows[y]);
    for (size_t x = 0; x < 8; ++x) {
      out[y * stride + x] = ToByte(((row[x] + (1 << 16)) >> 17) + 128);
    }
  }
}

// Each output lies a quarter of a sample beside its near one: three parts of that, one of the next.
inline Plane Double(const Plane& half, size_t rows) {
  Plane full(2 * half.width, 2 * half.height);
  std::vector<int> blend(half.width);
  for (size_t y = 0; y < full.height; ++y) {
    const size_t near = std::min(y / 2, rows - 1);
    const size_t far = y % 2 == 1 ? std::min(near + 1, rows - 1) : near - (near > 0 ? 1 : 0);
    for (size_t x = 0; x < half.width; ++x) blend[x] = 3 * half.row(near)[x] + half.row(far)[x];
    uint8_t* out = full.row(y);
    for (size_t x = 0; x < half.width; ++x) {
      const bool first = x == 0, last = x + 1 == half.width;
      out[2 * x] = ToByte(first ? (blend[x] + 2) >> 2 : (3 * blend[x] + blend[x - 1] + 8) >> 4);
      out[2 * x + 1] = ToByte(last ? (blend[x] + 2) >> 2 : (3 * blend[x] + blend[x + 1] + 8) >> 4);
    }
  }
  return full;
}

struct Pixels {
  size_t width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

// ITU-T T.871, section 7, in singles.
inline void ToRgb(float y, float cb, float cr, uint8_t* rgb) {
  const auto round = [](float value) { return ToByte(static_cast<int>(std::floor(value + 0.5f))); };
  rgb[0] = round(y + 1.40200f * cr);
  rgb[1] = round(y - 0.34414f * cb - 0.71414f * cr);
  rgb[2] = round(y + 1.77200f * cb);
}

// libjpeg reads the coefficients; what becomes of them is the guest's. Empty for what is no such
// JPEG.
inline Pixels DecodeAsGuest(const std::string& jpeg) {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&info, TRUE);
  Pixels pixels;
  std::vector<Plane> planes;
  jvirt_barray_ptr* blocks = jpeg_read_coefficients(&info);
  for (int c = 0; c < info.num_components; ++c) {
    const jpeg_component_info& component = info.comp_info[c];
    Plane plane(8 * size_t{component.width_in_blocks}, 8 * size_t{component.height_in_blocks});
    for (JDIMENSION y = 0; y < component.height_in_blocks; ++y) {
      const JBLOCKARRAY row = info.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&info),
                                                           blocks[c], y, 1, FALSE);
      for (JDIMENSION x = 0; x < component.width_in_blocks; ++x) {
        DecodeBlock(row[0][x], component.quant_table->quantval, plane.width,
                    plane.row(8 * size_t{y}) + 8 * size_t{x});
      }
    }
    planes.push_back(std::move(plane));
  }
  if (planes.size() == 3 && planes[0].width == 2 * planes[1].width &&
      planes[0].height == 2 * planes[1].height) {
    const size_t rows = info.comp_info[1].downsampled_height;
    const Plane cb = Double(planes[1], rows), cr = Double(planes[2], rows);
    pixels.width = info.image_width;
    pixels.height = info.image_height;
    pixels.rgb.resize(3 * pixels.width * pixels.height);
    for (size_t y = 0; y < pixels.height; ++y) {
      for (size_t x = 0; x < pixels.width; ++x) {
        ToRgb(planes[0].row(y)[x], cb.row(y)[x] - 128.0f, cr.row(y)[x] - 128.0f,
              &pixels.rgb[3 * (y * pixels.width + x)]);
      }
    }
  }
  jpeg_destroy_decompress(&info);
  return pixels;
}

// Pixels of three bytes in a line, and how many bytes apart they and the lines lie.
struct Line {
  size_t length, step, pitch;
};

// Shortens each of `lines` lines: a triangle as wide as the pixels that an output stands for, in
// singles, divided by its sum at the end, rounded to bytes.
inline void ShrinkAsGuest(const uint8_t* in, const Line& from, size_t lines, const Line& to,
                          uint8_t* out) {
  const float ratio = static_cast<float>(from.length) / static_cast<float>(to.length);
  const float reach = std::max(ratio, 1.0f);
  for (size_t o = 0; o < to.length; ++o) {
    const float centre = (static_cast<float>(o) + 0.5f) * ratio;
    const float end = std::min(std::ceil(centre + reach), static_cast<float>(from.length));
    const auto first = static_cast<size_t>(std::max(std::floor(centre - reach), 0.0f));
    const auto count = static_cast<size_t>(end) - first;
    std::vector<float> weights(count);
    float sum = 0.0f;
    for (size_t i = 0; i < count; ++i) {
      const float distance = (static_cast<float>(first + i) - (centre - 0.5f)) / reach;
      weights[i] = std::max(1.0f - std::fabs(distance), 0.0f);
      sum += weights[i];
    }
    for (size_t at = 0; at < 3 * lines; ++at) {
      const uint8_t* line = in + at / 3 * from.pitch + at % 3;
      float total = 0.0f;
      for (size_t i = 0; i < count; ++i) total += line[(first + i) * from.step] * weights[i];
      out[at / 3 * to.pitch + o * to.step + at % 3] =
          static_cast<uint8_t>(std::round(std::clamp(total / sum, 0.0f, 255.0f)));
    }
  }
}

// Rows first, bytes in between.
inline std::vector<uint8_t> ResizeAsGuest(const Pixels& pixels, size_t width, size_t height) {
  const size_t pitch = 3 * pixels.width;
  std::vector<uint8_t> low(pitch * height), small(3 * width * height);
  ShrinkAsGuest(pixels.rgb.data(), {pixels.height, pitch, 3}, pixels.width, {height, pitch, 3},
                low.data());
  ShrinkAsGuest(low.data(), {pixels.width, 3, pitch}, height, {width, 3, 3 * width}, small.data());
  return small;
}

}  // namespace minnow::wasi_nn::testing

#endif  // MINNOW_TEST_WASI_NN_GUEST_PIXELS_H_
