// A picture of every kind that the decoders know, some pixels large, and calls of a wasi-nn guest.
#include <random>

#include "image/encode.h"
#include "seeds.h"

namespace minnow::fuzz {
namespace {

using image::testing::Bytes;
using image::testing::JpegSpec;
using image::testing::PngSpec;

constexpr int kWidth = 13, kHeight = 9;

std::string Text(const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); }

std::string Jpeg(JpegSpec spec, int width = kWidth, int height = kHeight) {
  spec.width = width;
  spec.height = height;
  spec.quality = 80;
  return Text(EncodeJpeg(spec, image::testing::Slope(width, height, spec.channels)));
}

std::string Png(PngSpec spec) {
  spec.width = kWidth;
  spec.height = kHeight;
  return Text(EncodePng(spec, image::testing::Noise(PngRowBytes(spec) * kHeight, 1)));
}

std::vector<std::string> Jpegs() {
  std::vector<std::string> files;
  for (const bool progressive : {false, true}) {
    for (const bool subsampled : {false, true}) {
      JpegSpec spec;
      spec.progressive = progressive;
      spec.subsampled = subsampled;
      files.push_back(Jpeg(spec));
      spec.arithmetic = true;
      files.push_back(Jpeg(spec));
    }
  }
  JpegSpec grey;
  grey.channels = 1;
  grey.given = grey.stored = JCS_GRAYSCALE;
  files.push_back(Jpeg(grey));
  for (const J_COLOR_SPACE stored : {JCS_CMYK, JCS_YCCK}) {
    JpegSpec ink;
    ink.channels = 4;
    ink.given = JCS_CMYK;
    ink.stored = stored;
    files.push_back(Jpeg(ink));
    ink.adobe = false;
    if (stored == JCS_CMYK) files.push_back(Jpeg(ink));
  }
  for (int orientation = 2; orientation <= 8; ++orientation) {
    JpegSpec turned;
    turned.app1 = image::testing::ExifWithOrientation(orientation, orientation % 2 == 0);
    files.push_back(Jpeg(turned));
  }
  // A restart behind each MCU, eight a row: every row begins where one could be cut.
  for (const bool subsampled : {false, true}) {
    JpegSpec cut;
    cut.restart_interval = 1;
    cut.subsampled = subsampled;
    files.push_back(Jpeg(cut, subsampled ? 128 : 64, 48));
  }
  return files;
}

std::vector<std::string> Pngs() {
  std::vector<std::string> files;
  const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_PALETTE,
                       PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB_ALPHA};
  for (const int type : types) {
    for (const int depth : {1, 2, 4, 8, 16}) {
      const bool is_palette = type == PNG_COLOR_TYPE_PALETTE;
      if (depth < 8 && type != PNG_COLOR_TYPE_GRAY && !is_palette) continue;
      if (depth == 16 && is_palette) continue;
      PngSpec spec;
      spec.color_type = type;
      spec.depth = depth;
      if (is_palette) {
        for (int i = 0; i < 1 << depth; ++i) {
          const auto level = static_cast<png_byte>(i);
          spec.palette.push_back({level, static_cast<png_byte>(255 - i), 7});
        }
        spec.palette_alpha = {0, 100};
      } else if ((type & PNG_COLOR_MASK_ALPHA) == 0) {
        spec.has_transparent = true;
      }
      files.push_back(Png(spec));
      spec.interlaced = true;
      spec.exif = image::testing::TiffWithOrientation(6, depth == 8);
      spec.gamma = 0.45455;
      files.push_back(Png(spec));
    }
  }
  return files;
}

}  // namespace

std::vector<Target> ImageTargets() {
  std::vector<std::string> markers;
  for (int marker = 0xc0; marker <= 0xfe; ++marker) {
    markers.push_back(std::string("\xff") + static_cast<char>(marker));
  }
  for (const char* word : {"Exif", "Adobe", "JFIF", "II*", "MM"}) markers.emplace_back(word);
  return {{"jpeg", Jpegs(), markers},
          {"png",
           Pngs(),
           {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "eXIf", "gAMA", "cHRM", "sRGB", "iCCP", "tEXt",
            "zTXt", "iTXt", "bKGD", "pHYs", "sBIT", "sPLT", "hIST", "tIME"}}};
}

Target HostTarget() {
  Target target{"wasi_nn", {}, {}};
  std::mt19937 random(1);
  for (int length = 64; length <= 4096; length *= 2) {
    for (int i = 0; i < 8; ++i) {
      std::string bytes;
      for (int at = 0; at < length; ++at) bytes += static_cast<char>(random());
      target.seeds.push_back(bytes);
    }
  }
  return target;
}

}  // namespace minnow::fuzz
